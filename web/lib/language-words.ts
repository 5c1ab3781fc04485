const WORDS: Readonly<Record<string, string>> = { typescript: 'TypeScript', javascript: 'JavaScript', python: 'Python' }

/** What an agent is written in, as people write it. */
export const languageWords = (language: string): string => WORDS[language] ?? language
