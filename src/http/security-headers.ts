/** Policy of an answer that is data: nothing in it may run, load or be framed, should a browser ever show it. */
export const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** Headers of every answer; pages replace the policy. What helmet would send and data can use, as one constant object:
 * the plugin computes and sets 13 headers for each request.
 * @param url the public address; only behind TLS is HSTS sent */
export function securityHeaders(url: string | undefined): Readonly<Record<string, string>> {
  return Object.freeze({
    'content-security-policy': API_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    ...(url?.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  })
}
