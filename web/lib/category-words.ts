/** A category as people write it: `developer-tools` -> `Developer tools`. */
export const categoryWords = (category: string): string =>
  category.charAt(0).toUpperCase() + category.slice(1).replaceAll('-', ' ')
