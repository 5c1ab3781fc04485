import type { MemberRole } from '../principal.ts'

/** May somebody with one role bring a member from one role to another? `null` before: they are invited; `null` after:
 * they are removed. The only place that decides it. Owners are made, changed and removed by owners only, everybody else
 * by owners and admins. That an account keeps an owner is decided where it is written.  */
export function mayManage(actor: MemberRole, before: MemberRole | null, after: MemberRole | null): boolean {
  switch (actor) {
    case 'owner':
      return true
    case 'admin':
      return before !== 'owner' && after !== 'owner'
    case 'developer':
    case 'billing':
      return false
  }
}
