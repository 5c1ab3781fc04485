/** The policy says no. Not a fault of the network: the agent, its creator or the operator has to change something. */
export class EgressDenied extends Error {
  readonly host: string
  constructor(host: string, message: string) {
    super(message)
    this.name = 'EgressDenied'
    this.host = host
  }
}

/** The request was allowed and did not succeed. */
export class EgressFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EgressFailed'
  }
}

/** The run has used up what it may ask for or move in all: the end of the run, not of one request. */
export class EgressLimitReached extends EgressFailed {
  constructor(message: string) {
    super(message)
    this.name = 'EgressLimitReached'
  }
}
