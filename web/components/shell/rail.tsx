import { Code, House, type LucideIcon, Mail, Play, Wallet } from 'lucide-react'
import { placesFor, type Place } from '../../lib/places.ts'
import { NavLink } from './nav-link.tsx'
import classes from './shell.module.css'

const ICONS: Readonly<Record<string, LucideIcon>> = {
  '/home': House,
  '/runs': Play,
  '/credits': Wallet,
  '/developers': Code,
  '/admin/mail': Mail,
}

/** The ways of each hat that the person wears. */
export function Rail({ permissions }: { readonly permissions: readonly string[] }) {
  const hats = new Map<string, Place[]>()
  for (const place of placesFor(permissions)) hats.set(place.hat, [...(hats.get(place.hat) ?? []), place])
  return (
    <nav className={classes.rail} aria-label="Yours">
      {[...hats].map(([hat, places]) => (
        <div key={hat} role="group" aria-label={hat}>
          <p className={classes.hat} aria-hidden="true">
            {hat}
          </p>
          <ul className={classes.list}>
            {places.map(({ href, label }) => {
              const Icon = ICONS[href]
              return (
                <li key={href}>
                  <NavLink href={href} className={classes.place}>
                    {Icon !== undefined && <Icon size={17} aria-hidden />}
                    {label}
                  </NavLink>
                </li>
              )
            })}
          </ul>
        </div>
      ))}
    </nav>
  )
}
