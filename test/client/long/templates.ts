export interface Template {
  name: string
  /** What is installed beside the client, as the template has it, with exact versions. */
  devDependencies: Record<string, string>
  tsconfig: object
  /** The file of the tsconfig, and where that has its sources. */
  project: string
  source: string
}

/** Projects as they begin, each with the tsconfig of its template. */
export const templates: Template[] = [
  {
    // bun init -y, Bun 1.4.5
    name: 'bun init',
    devDependencies: { '@types/bun': '1.4.5', typescript: '7.0.2' },
    project: 'tsconfig.json',
    source: '.',
    tsconfig: {
      compilerOptions: {
        lib: ['ESNext'],
        target: 'ESNext',
        module: 'Preserve',
        moduleDetection: 'force',
        jsx: 'react-jsx',
        allowJs: true,
        types: ['bun'],
        moduleResolution: 'bundler',
        allowImportingTsExtensions: true,
        verbatimModuleSyntax: true,
        noEmit: true,
        strict: true,
        skipLibCheck: true,
        noFallthroughCasesInSwitch: true,
        noUncheckedIndexedAccess: true,
        noImplicitOverride: true,
        noUnusedLocals: false,
        noUnusedParameters: false,
        noPropertyAccessFromIndexSignature: false,
      },
    },
  },
  {
    // create-vite 9.3.0, template-react-ts/tsconfig.app.json; TypeScript 7 is strict unless told otherwise.
    name: 'Vite',
    devDependencies: {
      '@types/node': '24.19.2',
      '@types/react': '19.3.0',
      typescript: '7.0.2',
      vite: '8.3.8',
    },
    project: 'tsconfig.app.json',
    source: 'src',
    tsconfig: {
      compilerOptions: {
        tsBuildInfoFile: './node_modules/.tmp/tsconfig.app.tsbuildinfo',
        target: 'es2023',
        lib: ['ES2023', 'DOM'],
        module: 'esnext',
        types: ['vite/client'],
        allowArbitraryExtensions: true,
        skipLibCheck: true,
        moduleResolution: 'bundler',
        allowImportingTsExtensions: true,
        verbatimModuleSyntax: true,
        moduleDetection: 'force',
        noEmit: true,
        jsx: 'react-jsx',
        noUnusedLocals: true,
        noUnusedParameters: true,
        erasableSyntaxOnly: true,
        noFallthroughCasesInSwitch: true,
      },
      include: ['src'],
    },
  },
  {
    // create-next-app 16.4.3, templates/app-tw/ts/tsconfig.json
    name: 'Next',
    devDependencies: { '@types/node': '20.9.5', '@types/react': '19.3.0', typescript: '5.9.3' },
    project: 'tsconfig.json',
    source: '.',
    tsconfig: {
      compilerOptions: {
        target: 'ES2017',
        lib: ['dom', 'dom.iterable', 'esnext'],
        allowJs: true,
        skipLibCheck: true,
        strict: true,
        noEmit: true,
        esModuleInterop: true,
        module: 'esnext',
        moduleResolution: 'bundler',
        resolveJsonModule: true,
        isolatedModules: true,
        jsx: 'react-jsx',
        incremental: true,
        plugins: [{ name: 'next' }],
        paths: { '@/*': ['./*'] },
      },
      include: [
        'next-env.d.ts',
        '**/*.ts',
        '**/*.tsx',
        '.next/types/**/*.ts',
        '.next/dev/types/**/*.ts',
        '**/*.mts',
      ],
      exclude: ['node_modules'],
    },
  },
]
