import { Bot, Braces, ChartColumn, FileText, Globe, Image, Languages, Music, ScanSearch, Table2, type LucideIcon } from 'lucide-react'
import classes from './agent.module.css'

const BY_CATEGORY: Readonly<Record<string, LucideIcon>> = {
  data: Table2,
  tables: Table2,
  analytics: ChartColumn,
  text: FileText,
  documents: FileText,
  language: Languages,
  translation: Languages,
  images: Image,
  audio: Music,
  web: Globe,
  research: ScanSearch,
  developers: Braces,
  development: Braces,
}

/** The sign of an agent, by what it is for. The name stands beside it. */
export function AgentIcon({ category, size = 'm' }: { readonly category: string | null; readonly size?: 'm' | 'l' }) {
  const Icon = BY_CATEGORY[category?.toLowerCase() ?? ''] ?? Bot
  return (
    <span className={classes.icon} data-size={size}>
      <Icon size={size === 'l' ? 26 : 20} strokeWidth={1.75} aria-hidden />
    </span>
  )
}
