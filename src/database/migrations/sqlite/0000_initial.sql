CREATE TABLE IF NOT EXISTS `conversations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`created_at` text DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
	`updated_at` text DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `conversations_user_id_idx` ON `conversations` (`user_id`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `messages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`conversation_id` integer NOT NULL,
	`role` text NOT NULL,
	`content` text NOT NULL,
	`created_at` text DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
	FOREIGN KEY (`conversation_id`) REFERENCES `conversations`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "messages_role_check" CHECK(`role` in ('user', 'assistant'))
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `messages_user_id_idx` ON `messages` (`user_id`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `messages_conversation_id_user_id_page_idx` ON `messages` (`conversation_id`,`user_id`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `tasks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`title` text NOT NULL,
	`description` text,
	`completed` integer DEFAULT false NOT NULL,
	`created_at` text DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
	`updated_at` text DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `tasks_user_id_idx` ON `tasks` (`user_id`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `tasks_user_id_completed_idx` ON `tasks` (`user_id`,`completed`);
--> statement-breakpoint
-- Missing conversations of messages are recreated: otherwise the messages would appear in new conversations.
INSERT INTO `conversations` (`id`, `user_id`, `created_at`, `updated_at`)
SELECT `conversation_id`, min(`user_id`), min(`created_at`), max(`created_at`) FROM `messages`
WHERE `conversation_id` NOT IN (SELECT `id` FROM `conversations`)
GROUP BY `conversation_id`;
