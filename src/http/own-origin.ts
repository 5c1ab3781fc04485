/** Whether a page of this site asks. Programs send no Origin and are let through: what keeps strangers out is the token;
 * the origin only keeps foreign pages from using a visitor's browser.
 * @param siteUrl BUREAU_URL; without it the address that was asked for counts */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
  siteUrl: string | undefined,
): boolean {
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const asked = new URL(origin)
  return siteUrl === undefined ? asked.host === host : asked.origin === new URL(siteUrl).origin
}
