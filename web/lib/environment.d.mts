export declare const siteBuild: () => string | undefined
export declare const apiUrl: () => string
export declare const publicUrl: () => string | undefined
export declare const secrets: () => readonly [string, ...string[]]
export declare const sessionDays: () => number
export declare const signInProviders: () => string
