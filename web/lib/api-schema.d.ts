// Made by `npm run docs` from the routes. Edits here are lost.

export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keys of client tokens */
        get: operations["getWellKnownJwksJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List your accounts */
        get: operations["getAccounts"];
        put?: never;
        /** Make an account for a team */
        post: operations["postAccounts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find agents
         * @description Public agents, and with a key all of its own account.
         */
        get: operations["getAgents"];
        put?: never;
        /**
         * Publish an agent
         * @description Uploads the source of a new agent, or of a new version if the account has one of that slug.
         */
        post: operations["postAgents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an agent
         * @description With the schemas of input and output, its price, and examples whose `input` can be posted as it stands.
         */
        get: operations["getAgentsId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let an agent be run again */
        post: operations["postAgentsIdActivate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/consent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Agree to what an agent declares
         * @description Its hosts, secrets and prices, as `manifestHash` of the agent names them. By API the first run agrees; after the agent asked for more, this, or the header `Bureau-Consent` of a run, does.
         */
        put: operations["putAgentsIdConsent"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/deactivate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an agent out, within a second */
        post: operations["postAgentsIdDeactivate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Publish a new version of an agent */
        post: operations["postAgentsIdDeployments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/examples/{at}/files/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file that an example made */
        get: operations["getAgentsIdExamplesAtFilesName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/failures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get how runs of an agent failed lately
         * @description For the creator's account: codes and counts by version, the latest first.
         */
        get: operations["getAgentsIdFailures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/failures/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List runs of an agent that failed lately
         * @description For the creator's account: when, how and in which version, the latest first. Input, log, message and caller stay the caller's.
         */
        get: operations["getAgentsIdFailuresRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get how an agent did, by hour
         * @description For the creator's account. Runs of the creator's own account are not counted.
         */
        get: operations["getAgentsIdMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/quote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get what a run would hold */
        get: operations["getAgentsIdQuote"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report an agent to the operator
         * @description Told again, it is the same report with the new words.
         */
        post: operations["postAgentsIdReports"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run an agent
         * @description The body is the input itself, as JSON, or as multipart with the part `input` (JSON) and one part a file. Headers: `Idempotency-Key`, `Bureau-Max-Charge` (credits), `Bureau-Isolation: run`, `Bureau-Retain` (such as 12h), `Bureau-Consent` (the `manifestHash` of an agent that asks for more than it did). `Prefer: respond-async` queues the run and answers 202 at once, `Prefer: wait=N` after N seconds at most.
         */
        post: operations["postAgentsIdRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the secrets that an agent declares
         * @description With whose value a run of yours would use.
         */
        get: operations["getAgentsIdSecrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/trial": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Let guests run an agent, or not
         * @description At the expense of the site, some times a day. Not run for guests all the same: an agent that costs more than BUREAU_TRIALS_MAX_PRICE, wants secrets, or reaches hosts where BUREAU_TRIALS_EGRESS is off.
         */
        put: operations["putAgentsIdTrial"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the versions of an agent, newest first
         * @description With what changed for callers. A run names one by `?version=`, at the price of that version.
         */
        get: operations["getAgentsIdVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/by-name/{owner}/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an agent by the names in its address */
        get: operations["getAgentsByNameOwnerSlug"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count what each choice would leave
         * @description Of public agents. Takes the same filters as the list.
         */
        get: operations["getAgentsFacets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/agents/own": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List one's own agents
         * @description All of the account, drafts and private ones too, by short name, with runs and earnings of late.
         */
        get: operations["getAgentsOwn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was done in the account */
        get: operations["getAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth-providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** By whom one may sign in */
        get: operations["getAuthProviders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/creators/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get who publishes agents, and which */
        get: operations["getCreatorsName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/credits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the balance */
        get: operations["getCredits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/credits/statement.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the statement as a spreadsheet
         * @description The newest 10000 lines at most, as CSV.
         */
        get: operations["getCreditsStatementCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/credits/transfers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List transfers, newest first */
        get: operations["getCreditsTransfers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/deployments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get how a deployment goes */
        get: operations["getDeploymentsId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How each part is */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Does the process answer? */
        get: operations["getHealthLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** May a balancer send requests here? */
        get: operations["getHealthReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what a person comes back to
         * @description The last runs, the balance with what was spent today, and agents to try.
         */
        get: operations["getHome"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** By whom you may sign in */
        get: operations["getIdentities"];
        put?: never;
        /**
         * Link an account at a provider
         * @description For the site alone, as the person who is signed in.
         */
        post: operations["postIdentities"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identities/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Unlink an account at a provider */
        delete: operations["deleteIdentitiesProvider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List open invitations */
        get: operations["getInvitations"];
        put?: never;
        /** Invite somebody */
        post: operations["postInvitations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take an invitation back */
        delete: operations["deleteInvitationsId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Join by a link */
        post: operations["postInvitationsAccept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations/decline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say no by a link */
        post: operations["postInvitationsDecline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations/offer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a link invites to */
        post: operations["postInvitationsOffer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List API keys */
        get: operations["getKeys"];
        put?: never;
        /** Make an API key */
        post: operations["postKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API key */
        delete: operations["deleteKeysId"];
        options?: never;
        head?: never;
        /** Rename an API key */
        patch: operations["patchKeysId"];
        trace?: never;
    };
    "/api/mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Mails that had no server to go to (admins only) */
        get: operations["getMail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change your name */
        patch: operations["patchMe"];
        trace?: never;
    };
    "/api/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change your password */
        put: operations["putMePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List members */
        get: operations["getMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/members/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a member, or leave */
        delete: operations["deleteMembersId"];
        options?: never;
        head?: never;
        /** Change a member's role */
        patch: operations["patchMembersId"];
        trace?: never;
    };
    "/api/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what you were told of, newest first
         * @description In the account that you act for, and about yourself.
         */
        get: operations["getNotifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notifications/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take notifications as read */
        post: operations["postNotificationsRead"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notifications/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get of what a mail comes too */
        get: operations["getNotificationsSettings"];
        /** Say of what a mail comes too */
        put: operations["putNotificationsSettings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what people reported of agents, newest first */
        get: operations["getReports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Close a report */
        post: operations["postReportsIdClose"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List runs, newest first */
        get: operations["getRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run with its input and output */
        get: operations["getRunsId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/again": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run the same input again
         * @description Answers as running the agent does, and takes the same headers.
         */
        post: operations["postRunsIdAgain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/artifacts.zip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All files that a run made, as one archive */
        get: operations["getRunsIdArtifactsZip"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/artifacts/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A file that a run made
         * @description Once the run is paid. `Range` gives a part.
         */
        get: operations["getRunsIdArtifactsName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop a run
         * @description Nothing is charged for a run that had delivered nothing; otherwise its price and what it had charged so far.
         */
        post: operations["postRunsIdCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete what a run took and gave
         * @description Input, output, logs, failure, events and files. What it cost and how it ended stays.
         */
        delete: operations["deleteRunsIdContent"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happens in a run, as server-sent events
         * @description `run.queued`, `run.waiting`, `run.started`, `run.progress`, `run.log`, `run.chunk`, `run.charged`, `run.artifact` and at last `run.settled`, in order, from the first or after `Last-Event-ID`. 204 where nothing is left to tell.
         */
        get: operations["getRunsIdEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the agent logged */
        get: operations["getRunsIdLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the secrets that the account has set
         * @description Names and hosts. No answer ever holds a value.
         */
        get: operations["getSecrets"];
        /**
         * Set a secret that an agent declares
         * @description It is kept encrypted and put into requests of the agent towards the hosts it declares now; the agent itself never sees it. Set by the creator, it serves every caller who has set none.
         */
        put: operations["putSecrets"];
        post?: never;
        /** Remove a secret */
        delete: operations["deleteSecrets"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List your sessions */
        get: operations["getSessions"];
        put?: never;
        /** Sign in */
        post: operations["postSessions"];
        /** End all your other sessions */
        delete: operations["deleteSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of your sessions */
        delete: operations["deleteSessionsId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Sign out */
        delete: operations["deleteSessionsCurrent"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/current/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Act for another of your accounts */
        put: operations["putSessionsCurrentAccount"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/external": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in whom a provider vouches for
         * @description For the site alone: takes its own credential in `Bureau-Site`.
         */
        post: operations["postSessionsExternal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Get a client token */
        post: operations["postTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/two-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is two-factor on? */
        get: operations["getTwoFactor"];
        put?: never;
        /** Begin to set two-factor up */
        post: operations["postTwoFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/two-factor/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch two-factor on */
        post: operations["postTwoFactorConfirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/two-factor/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch two-factor off */
        post: operations["postTwoFactorDisable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/two-factor/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make new recovery codes */
        post: operations["postTwoFactorRecoveryCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the files of the account, newest first */
        get: operations["getUploads"];
        put?: never;
        /**
         * Upload a file for a run
         * @description Multipart with one file part, streamed to the object store. An input then names it: `{"$upload": "<id>"}`.
         */
        post: operations["postUploads"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a file now */
        delete: operations["deleteUploadsId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/resumable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Announce a file that may break off and go on
         * @description The tus protocol: `Upload-Length`, and `Upload-Metadata` with `filename` and `filetype`. Pieces go to `Location` by PATCH. The last part of it is the id by which an input names the file once it is whole: `{"$upload": "<id>"}`.
         */
        post: operations["postUploadsResumable"];
        delete?: never;
        /** What of the tus protocol is spoken here */
        options: operations["optionsUploadsResumable"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/resumable/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Give up a file that is not whole */
        delete: operations["deleteUploadsResumableId"];
        options?: never;
        head?: never;
        /**
         * Send the next piece of a file
         * @description `Content-Type: application/offset+octet-stream`, and `Upload-Offset` as HEAD told it. What arrives of a piece that breaks off is kept.
         */
        patch: operations["patchUploadsResumableId"];
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Register */
        post: operations["postUsers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password by its link */
        post: operations["postUsersPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/password-mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a link to set a new password */
        post: operations["postUsersPasswordMail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirm an address by its link */
        post: operations["postUsersVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/verification-mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send the link of a registration again */
        post: operations["postUsersVerificationMail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: never;
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getWellKnownJwksJson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        keys: {
                            /** @enum {string} */
                            alg: "EdDSA";
                            /** @enum {string} */
                            crv: "Ed25519";
                            kid: string;
                            /** @enum {string} */
                            kty: "OKP";
                            /** @enum {string} */
                            use: "sig";
                            x: string;
                        }[];
                    };
                };
            };
        };
    };
    getAccounts: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            id?: string;
                            /** @description The session acts for it */
                            isCurrent?: boolean;
                            /** @enum {string} */
                            kind?: "personal" | "team" | "platform";
                            name?: string;
                            /** @enum {string} */
                            role?: "owner" | "admin" | "developer" | "billing";
                            slug?: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postAccounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @description The session acts for it */
                        isCurrent: boolean;
                        /** @enum {string} */
                        kind: "personal" | "team" | "platform";
                        name: string;
                        /** @enum {string} */
                        role: "owner" | "admin" | "developer" | "billing";
                        slug: string;
                    };
                };
            };
        };
    };
    getAgents: {
        parameters: {
            query?: {
                category?: "data" | "documents" | "text" | "images" | "audio" | "code" | "web" | "finance" | "science" | "productivity" | "developer-tools" | "fun" | "other";
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                language?: "typescript" | "javascript" | "python";
                /** @description How many items, 1 to 100 */
                limit?: number;
                /** @description Most credits that a run typically costs */
                maxPrice?: string;
                /** @description Only agents that use no network */
                network?: "none";
                /** @description Words of a name or description; each may be the beginning of one */
                q?: string;
                /** @description Without it the best match where there is a search, otherwise the newest */
                sort?: "match" | "runs" | "new" | "cheapest" | "rating";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @enum {string} */
                            category?: "data" | "documents" | "text" | "images" | "audio" | "code" | "web" | "finance" | "science" | "productivity" | "developer-tools" | "fun" | "other";
                            /** Format: date-time */
                            createdAt?: string;
                            description?: string;
                            /** @description Whether its own address answers examples with their stored outputs */
                            hasExample?: boolean;
                            /** @description How many hosts it may reach; 0 uses no network */
                            hosts?: number;
                            /** @description Name of a lucide icon, or one emoji */
                            icon?: string | null;
                            id?: string;
                            /** @description Visitors may run it a few times a day */
                            isTrial?: boolean;
                            /** @enum {string} */
                            language?: "typescript" | "javascript" | "python";
                            name?: string;
                            /** @description The account's name in addresses */
                            owner?: string;
                            ownerName?: string;
                            price?: {
                                /** @description Credits for each event that the agent charges */
                                events: {
                                    [key: string]: string;
                                };
                                /** @description The most that a run can cost: held when it starts */
                                max: string;
                                /** @description Credits for the run itself, as a decimal */
                                run: string;
                            } | null;
                            /** @description In the last 30 days; the creator's own runs count for nothing */
                            runs?: number;
                            slug?: string;
                            /** @enum {string} */
                            status?: "draft" | "in_review" | "active" | "inactive" | "suspended";
                            /** @description Of the last 30 days; the creator's own runs count for nothing */
                            success?: {
                                /** @description Part of the runs that were done, stopped ones left out; null without any */
                                rate: number | null;
                                /** @description Runs that count for it */
                                runs: number;
                            };
                            /** @description Of the last 30 days; null before the first run that was done */
                            typical?: {
                                /** @description Credits: the mean charge of runs that were done */
                                charge: string;
                                /** @description Milliseconds: the median, averaged over hours */
                                ms: number;
                            } | null;
                            /** Format: date-time */
                            updatedAt?: string;
                            version?: number | null;
                            /** @enum {string} */
                            visibility?: "private" | "unlisted" | "public";
                        }[];
                        /** @description Names like what was searched for, where nothing was found */
                        nearest?: {
                            name: string;
                            owner: string;
                            slug: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postAgents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The source: the text of each file by its path, or `{"$base64": …}` of one that is no text; `index.ts` is where it begins */
                    files: {
                        [key: string]: string | {
                            /** Format: byte */
                            $base64: string;
                        };
                    };
                    /** @description For an agent whose code gives no name */
                    name?: string;
                    /** @description Name in addresses: lower-case letters, digits and dashes */
                    slug: string;
                    /**
                     * @description A new agent is private without it, an old one stays as it is
                     * @enum {string}
                     */
                    visibility?: "private" | "unlisted" | "public";
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        deploymentId: string;
                        /** @enum {string} */
                        status: "pending";
                        version: number;
                    };
                };
            };
        };
    };
    getAgentsId: {
        parameters: {
            query?: {
                /** @description Another version than the active one */
                version?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        category: "data" | "documents" | "text" | "images" | "audio" | "code" | "web" | "finance" | "science" | "productivity" | "developer-tools" | "fun" | "other";
                        /** @description For visitors null */
                        consent: {
                            /** @description Ask before the next run */
                            isNeeded: boolean;
                            /** @description What is new since this account agreed last */
                            widened: {
                                /** @description Hosts it did not ask for before */
                                hosts: string[];
                                /** @description Most that a run can cost, where it rose */
                                max: {
                                    from: string;
                                    to: string;
                                } | null;
                                /** @description Price of a run, where it rose */
                                run: {
                                    from: string;
                                    to: string;
                                } | null;
                                /** @description Secrets it did not ask for before, or wants to send elsewhere */
                                secrets: string[];
                            } | null;
                        } | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** @description The active version; `version` is the one that is shown */
                        currentVersion: number | null;
                        description: string;
                        /** @description Hosts it wants to reach */
                        egress: string[];
                        examples: {
                            /** @description What the run of the example made */
                            files: {
                                name: string;
                                sizeBytes: number;
                                type: string;
                                url: string;
                            }[];
                            input: unknown;
                            name: string;
                            output: unknown;
                        }[];
                        /** @description Whether its own address answers examples with their stored outputs */
                        hasExample: boolean;
                        /** @description How many hosts it may reach; 0 uses no network */
                        hosts: number;
                        /** @description Name of a lucide icon, or one emoji */
                        icon: string | null;
                        id: string;
                        idempotent: boolean;
                        /** @description JSON Schema of the input */
                        input: ({
                            [key: string]: unknown;
                        } | boolean) | null;
                        /**
                         * @description What holds agents on this site
                         * @enum {string}
                         */
                        isolation: "strong" | "process" | "none";
                        /** @description It belongs to the account of whoever asks */
                        isOwn: boolean;
                        /** @description Visitors may run it a few times a day */
                        isTrial: boolean;
                        /** @enum {string} */
                        language: "typescript" | "javascript" | "python";
                        /** @description Hourly percentiles, averaged over the last 30 days by runs */
                        latency: {
                            p50Ms: number;
                            p95Ms: number;
                        } | null;
                        limits: {
                            cpuMs: number;
                            egressBytes?: number;
                            egressRequests?: number;
                            logBytes?: number;
                            memoryMb: number;
                            outputBytes?: number;
                            timeoutMs: number;
                        } | null;
                        /** @description Names what one agrees to by running it: hosts, secrets and prices */
                        manifestHash: string | null;
                        name: string;
                        /** @description JSON Schema of the output */
                        output: ({
                            [key: string]: unknown;
                        } | boolean) | null;
                        /** @description The account's name in addresses */
                        owner: string;
                        ownerName: string;
                        price: {
                            /** @description Credits for each event that the agent charges */
                            events: {
                                [key: string]: string;
                            };
                            /** @description The most that a run can cost: held when it starts */
                            max: string;
                            /** @description Credits for the run itself, as a decimal */
                            run: string;
                        } | null;
                        /** @description Markdown by the agent's creator: a stranger's text */
                        readme: string | null;
                        /** @description How long input, output, logs and files of a run are kept at most */
                        retention: {
                            /** @description What the site keeps */
                            days: number;
                            /** @description What is kept of runs of this agent, which may ask for less */
                            ms: number;
                        };
                        /** @description In the last 30 days; the creator's own runs count for nothing */
                        runs: number;
                        /** @description Values it wants to send to these hosts, which it never sees itself */
                        secrets: {
                            description: string;
                            hosts: string[];
                            name: string;
                        }[];
                        slug: string;
                        /** @enum {string} */
                        status: "draft" | "in_review" | "active" | "inactive" | "suspended";
                        streams: boolean;
                        /** @description Of the last 30 days; the creator's own runs count for nothing */
                        success: {
                            /** @description Part of the runs that were done, stopped ones left out; null without any */
                            rate: number | null;
                            /** @description Runs that count for it */
                            runs: number;
                        };
                        /** @description Runs that a visitor at this address has left today; null once signed in */
                        trialsLeft: number | null;
                        /** @description Of the last 30 days; null before the first run that was done */
                        typical: {
                            /** @description Credits: the mean charge of runs that were done */
                            charge: string;
                            /** @description Milliseconds: the median, averaged over hours */
                            ms: number;
                        } | null;
                        /** Format: date-time */
                        updatedAt: string;
                        version: number | null;
                        /** @description How a page shows the output */
                        view: ("markdown" | "table" | "image" | "audio" | "html" | "json") | null;
                        /** @enum {string} */
                        visibility: "private" | "unlisted" | "public";
                    };
                };
            };
        };
    };
    postAgentsIdActivate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        /** @enum {string} */
                        status: "draft" | "in_review" | "active" | "inactive" | "suspended";
                    };
                };
            };
        };
    };
    putAgentsIdConsent: {
        parameters: {
            query?: {
                /** @description Another version than the active one */
                version?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    manifestHash: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Agreed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    postAgentsIdDeactivate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        /** @enum {string} */
                        status: "draft" | "in_review" | "active" | "inactive" | "suspended";
                    };
                };
            };
        };
    };
    postAgentsIdDeployments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The source: the text of each file by its path, or `{"$base64": …}` of one that is no text; `index.ts` is where it begins */
                    files: {
                        [key: string]: string | {
                            /** Format: byte */
                            $base64: string;
                        };
                    };
                    /**
                     * @description Changes it; left out, it stays
                     * @enum {string}
                     */
                    visibility?: "private" | "unlisted" | "public";
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        deploymentId: string;
                        /** @enum {string} */
                        status: "pending";
                        version: number;
                    };
                };
            };
        };
    };
    getAgentsIdExamplesAtFilesName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                at: number;
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
        };
    };
    getAgentsIdFailures: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How far back this looks */
                        days: number;
                        items: {
                            /** @description Accounts whose runs ended so */
                            callers: number;
                            code: string;
                            /** Format: date-time */
                            lastAt: string;
                            runs: number;
                            title: string;
                            version: number;
                        }[];
                    };
                };
            };
        };
    };
    getAgentsIdFailuresRuns: {
        parameters: {
            query?: {
                code?: string;
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
                /** @description Only this run: what a caller names who asks about it */
                run?: string;
                version?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: date-time */
                            at?: string;
                            code?: string;
                            /** Format: uuid */
                            runId?: string;
                            runMs?: number | null;
                            startedCold?: boolean | null;
                            /** @enum {string} */
                            status?: "failed" | "timed_out";
                            title?: string;
                            version?: number;
                            waitMs?: number | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getAgentsIdMetrics: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description Different accounts */
                            callers?: number;
                            canceled?: number;
                            /** @description Credits */
                            charged?: string;
                            /** @description Credits: the creator's part */
                            earned?: string;
                            failed?: number;
                            p50Ms?: number;
                            p95Ms?: number;
                            p99Ms?: number;
                            runs?: number;
                            succeeded?: number;
                            timedOut?: number;
                            /**
                             * Format: date-time
                             * @description Start of the hour
                             */
                            timestamp?: string;
                            version?: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getAgentsIdQuote: {
        parameters: {
            query?: {
                /** @description Another version than the active one */
                version?: number;
            };
            header?: {
                /** @description Most credits that the run may cost */
                "bureau-max-charge"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description What the account has free */
                        available: string;
                        /** @description What is set aside when the run starts */
                        hold: string;
                        /** @description A run would be admitted now */
                        isEnough: boolean;
                        /** @description The most that a run of this agent can cost */
                        max: string;
                        /** @description What the run itself costs */
                        run: string;
                    };
                };
            };
        };
    };
    postAgentsIdReports: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    reason: "broken" | "misleading" | "harmful" | "infringing" | "other";
                    /** @description What is wrong, for the operator */
                    text: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                    };
                };
            };
        };
    };
    postAgentsIdRun: {
        parameters: {
            query?: {
                /** @description Pins a version of the agent */
                version?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
                "multipart/form-data": {
                    /** @description The input as JSON; files are parts of their own */
                    input?: string;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        /** @description Credits as a decimal string with at most 6 places */
                        charge: string;
                        code: string | null;
                        /** Format: date-time */
                        createdAt: string;
                        finishedAt: string | null;
                        output: unknown;
                        receipt: {
                            /** @description Credits as a decimal string with at most 6 places */
                            charged: string;
                            /** @description Set aside when the run was admitted */
                            held: string;
                            lines: {
                                count: number;
                                /** @description Credits as a decimal string with at most 6 places */
                                credits: string;
                                what: string;
                            }[];
                            /**
                             * @description 'site' for a guest's run, which the site pays: free for whoever asked for it
                             * @enum {string}
                             */
                            paidBy: "account" | "site";
                            /** @description Set aside, but not charged */
                            returned: string;
                        };
                        /** Format: uuid */
                        runId: string;
                        runMs: number | null;
                        startedCold: boolean | null;
                        /** @enum {string} */
                        status: "queued" | "running" | "succeeded" | "failed" | "timed_out" | "canceled";
                        version: number;
                        waitMs: number | null;
                    };
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        runId: string;
                        /** @enum {string} */
                        status: "queued" | "running";
                        waiting: {
                            /** @description Until it starts, from how long runs took of late */
                            estimateMs: number | null;
                            /** @description This run counts */
                            place: number;
                            /**
                             * @description Too many runs of this account execute already, or all places of the site are taken
                             * @enum {string}
                             */
                            reason: "caller_limit" | "capacity";
                        } | null;
                    };
                };
            };
        };
    };
    getAgentsIdSecrets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            description: string;
                            hosts: string[];
                            name: string;
                            /** @description Whose value a run uses; null: none is set */
                            setBy: ("you" | "creator") | null;
                        }[];
                    };
                };
            };
        };
    };
    putAgentsIdTrial: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    isTrial: boolean;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description So it is */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getAgentsIdVersions: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description Against the version before; null for the first */
                            changes?: {
                                /** @description Null where it was not there */
                                from: string | null;
                                /** @description Of what: a field, an event, a host; empty for the whole */
                                name: string;
                                /** @description Null where it is not there any more */
                                to: string | null;
                                /** @enum {string} */
                                what: "code" | "input" | "output" | "price" | "host" | "secret" | "limit";
                            }[] | null;
                            /** Format: date-time */
                            createdAt?: string;
                            isCurrent?: boolean;
                            /** @description Credits */
                            price?: {
                                max: string;
                                run: string;
                            };
                            /** @description Of the code */
                            sha256?: string;
                            /** @description Of the code */
                            sizeBytes?: number;
                            version?: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getAgentsByNameOwnerSlug: {
        parameters: {
            query?: {
                /** @description Another version than the active one */
                version?: number;
            };
            header?: never;
            path: {
                owner: string;
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        category: "data" | "documents" | "text" | "images" | "audio" | "code" | "web" | "finance" | "science" | "productivity" | "developer-tools" | "fun" | "other";
                        /** @description For visitors null */
                        consent: {
                            /** @description Ask before the next run */
                            isNeeded: boolean;
                            /** @description What is new since this account agreed last */
                            widened: {
                                /** @description Hosts it did not ask for before */
                                hosts: string[];
                                /** @description Most that a run can cost, where it rose */
                                max: {
                                    from: string;
                                    to: string;
                                } | null;
                                /** @description Price of a run, where it rose */
                                run: {
                                    from: string;
                                    to: string;
                                } | null;
                                /** @description Secrets it did not ask for before, or wants to send elsewhere */
                                secrets: string[];
                            } | null;
                        } | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** @description The active version; `version` is the one that is shown */
                        currentVersion: number | null;
                        description: string;
                        /** @description Hosts it wants to reach */
                        egress: string[];
                        examples: {
                            /** @description What the run of the example made */
                            files: {
                                name: string;
                                sizeBytes: number;
                                type: string;
                                url: string;
                            }[];
                            input: unknown;
                            name: string;
                            output: unknown;
                        }[];
                        /** @description Whether its own address answers examples with their stored outputs */
                        hasExample: boolean;
                        /** @description How many hosts it may reach; 0 uses no network */
                        hosts: number;
                        /** @description Name of a lucide icon, or one emoji */
                        icon: string | null;
                        id: string;
                        idempotent: boolean;
                        /** @description JSON Schema of the input */
                        input: ({
                            [key: string]: unknown;
                        } | boolean) | null;
                        /**
                         * @description What holds agents on this site
                         * @enum {string}
                         */
                        isolation: "strong" | "process" | "none";
                        /** @description It belongs to the account of whoever asks */
                        isOwn: boolean;
                        /** @description Visitors may run it a few times a day */
                        isTrial: boolean;
                        /** @enum {string} */
                        language: "typescript" | "javascript" | "python";
                        /** @description Hourly percentiles, averaged over the last 30 days by runs */
                        latency: {
                            p50Ms: number;
                            p95Ms: number;
                        } | null;
                        limits: {
                            cpuMs: number;
                            egressBytes?: number;
                            egressRequests?: number;
                            logBytes?: number;
                            memoryMb: number;
                            outputBytes?: number;
                            timeoutMs: number;
                        } | null;
                        /** @description Names what one agrees to by running it: hosts, secrets and prices */
                        manifestHash: string | null;
                        name: string;
                        /** @description JSON Schema of the output */
                        output: ({
                            [key: string]: unknown;
                        } | boolean) | null;
                        /** @description The account's name in addresses */
                        owner: string;
                        ownerName: string;
                        price: {
                            /** @description Credits for each event that the agent charges */
                            events: {
                                [key: string]: string;
                            };
                            /** @description The most that a run can cost: held when it starts */
                            max: string;
                            /** @description Credits for the run itself, as a decimal */
                            run: string;
                        } | null;
                        /** @description Markdown by the agent's creator: a stranger's text */
                        readme: string | null;
                        /** @description How long input, output, logs and files of a run are kept at most */
                        retention: {
                            /** @description What the site keeps */
                            days: number;
                            /** @description What is kept of runs of this agent, which may ask for less */
                            ms: number;
                        };
                        /** @description In the last 30 days; the creator's own runs count for nothing */
                        runs: number;
                        /** @description Values it wants to send to these hosts, which it never sees itself */
                        secrets: {
                            description: string;
                            hosts: string[];
                            name: string;
                        }[];
                        slug: string;
                        /** @enum {string} */
                        status: "draft" | "in_review" | "active" | "inactive" | "suspended";
                        streams: boolean;
                        /** @description Of the last 30 days; the creator's own runs count for nothing */
                        success: {
                            /** @description Part of the runs that were done, stopped ones left out; null without any */
                            rate: number | null;
                            /** @description Runs that count for it */
                            runs: number;
                        };
                        /** @description Runs that a visitor at this address has left today; null once signed in */
                        trialsLeft: number | null;
                        /** @description Of the last 30 days; null before the first run that was done */
                        typical: {
                            /** @description Credits: the mean charge of runs that were done */
                            charge: string;
                            /** @description Milliseconds: the median, averaged over hours */
                            ms: number;
                        } | null;
                        /** Format: date-time */
                        updatedAt: string;
                        version: number | null;
                        /** @description How a page shows the output */
                        view: ("markdown" | "table" | "image" | "audio" | "html" | "json") | null;
                        /** @enum {string} */
                        visibility: "private" | "unlisted" | "public";
                    };
                };
            };
        };
    };
    getAgentsFacets: {
        parameters: {
            query?: {
                category?: "data" | "documents" | "text" | "images" | "audio" | "code" | "web" | "finance" | "science" | "productivity" | "developer-tools" | "fun" | "other";
                language?: "typescript" | "javascript" | "python";
                /** @description Most credits that a run typically costs */
                maxPrice?: string;
                /** @description Only agents that use no network */
                network?: "none";
                /** @description Words of a name or description; each may be the beginning of one */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        categories: {
                            count: number;
                            value: string;
                        }[];
                        languages: {
                            count: number;
                            value: string;
                        }[];
                        /** @description `none`: uses no network */
                        network: {
                            count: number;
                            value: string;
                        }[];
                        /** @description Credits that a run typically costs at most */
                        prices: {
                            count: number;
                            value: string;
                        }[];
                        /** @description Agents that all choices together leave */
                        total: number;
                    };
                };
            };
        };
    };
    getAgentsOwn: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description Name of a lucide icon, or one emoji */
                            icon?: string | null;
                            id?: string;
                            /** @description By hours, to the last minute or two; the creator's own runs count for nothing */
                            lately?: {
                                days: number;
                                /** @description Credits: the creator's part */
                                earned: string;
                                /** @description Of those: failed, or out of time */
                                failed: number;
                                runs: number;
                            };
                            name?: string;
                            /** @description The account's name in addresses */
                            owner?: string;
                            slug?: string;
                            /** @enum {string} */
                            status?: "draft" | "in_review" | "active" | "inactive" | "suspended";
                            /** Format: date-time */
                            updatedAt?: string;
                            version?: number | null;
                            /** @enum {string} */
                            visibility?: "private" | "unlisted" | "public";
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getAudit: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            action?: string;
                            /** @description `user:<id>`, `key:<id>` or `system:<role>` */
                            actor?: string;
                            address?: string | null;
                            /** Format: date-time */
                            at?: string;
                            details?: {
                                [key: string]: unknown;
                            };
                            id?: string;
                            requestId?: string | null;
                            subject?: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getAuthProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        id: "github" | "google" | "oidc";
                        name: string;
                    }[];
                };
            };
        };
    };
    getCreatorsName: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How many everyone may see */
                        agents: number;
                        /** Format: date-time */
                        createdAt: string;
                        items: {
                            /** @enum {string} */
                            category?: "data" | "documents" | "text" | "images" | "audio" | "code" | "web" | "finance" | "science" | "productivity" | "developer-tools" | "fun" | "other";
                            /** Format: date-time */
                            createdAt?: string;
                            description?: string;
                            /** @description Whether its own address answers examples with their stored outputs */
                            hasExample?: boolean;
                            /** @description How many hosts it may reach; 0 uses no network */
                            hosts?: number;
                            /** @description Name of a lucide icon, or one emoji */
                            icon?: string | null;
                            id?: string;
                            /** @description Visitors may run it a few times a day */
                            isTrial?: boolean;
                            /** @enum {string} */
                            language?: "typescript" | "javascript" | "python";
                            name?: string;
                            /** @description The account's name in addresses */
                            owner?: string;
                            ownerName?: string;
                            price?: {
                                /** @description Credits for each event that the agent charges */
                                events: {
                                    [key: string]: string;
                                };
                                /** @description The most that a run can cost: held when it starts */
                                max: string;
                                /** @description Credits for the run itself, as a decimal */
                                run: string;
                            } | null;
                            /** @description In the last 30 days; the creator's own runs count for nothing */
                            runs?: number;
                            slug?: string;
                            /** @enum {string} */
                            status?: "draft" | "in_review" | "active" | "inactive" | "suspended";
                            /** @description Of the last 30 days; the creator's own runs count for nothing */
                            success?: {
                                /** @description Part of the runs that were done, stopped ones left out; null without any */
                                rate: number | null;
                                /** @description Runs that count for it */
                                runs: number;
                            };
                            /** @description Of the last 30 days; null before the first run that was done */
                            typical?: {
                                /** @description Credits: the mean charge of runs that were done */
                                charge: string;
                                /** @description Milliseconds: the median, averaged over hours */
                                ms: number;
                            } | null;
                            /** Format: date-time */
                            updatedAt?: string;
                            version?: number | null;
                            /** @enum {string} */
                            visibility?: "private" | "unlisted" | "public";
                        }[];
                        name: string;
                        nextCursor: string | null;
                        slug: string;
                    };
                };
            };
        };
    };
    getCredits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description What can be spent now */
                        available: string;
                        /** @description Bought by the account */
                        bought: string;
                        /** @description Earned by the account’s agents from bought credits */
                        earned: string;
                        /** @description Earned from granted credits and own runs; cannot be paid out */
                        earnedGranted: string;
                        /** @description Given by the site; spent first */
                        granted: string;
                        /** @description Set aside for runs that are going */
                        held: string;
                        /** @description Charged for runs begun since the first of the month, UTC */
                        spentThisMonth: string;
                        /** @description Charged for runs begun since midnight, UTC */
                        spentToday: string;
                    };
                };
            };
        };
    };
    getCreditsStatementCsv: {
        parameters: {
            query?: {
                /** @description Only from then on */
                from?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
        };
    };
    getCreditsTransfers: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description Whose run was charged */
                            agent?: {
                                id: string;
                                name: string;
                            } | null;
                            /** @description Credits as a decimal string with at most 6 places */
                            amount?: string;
                            /** Format: date-time */
                            at?: string;
                            /**
                             * @description Seen from this account
                             * @enum {string}
                             */
                            direction?: "in" | "out" | "within";
                            /** @enum {string} */
                            from?: "granted" | "bought" | "earned" | "earned_granted" | "fees" | "grants_issued" | "purchases_issued" | "paid_out";
                            leg?: number;
                            /**
                             * Format: uuid
                             * @description The run, grant or purchase
                             */
                            operationId?: string;
                            /** @description The account's own run that was charged */
                            runId?: string | null;
                            /** @enum {string} */
                            to?: "granted" | "bought" | "earned" | "earned_granted" | "fees" | "grants_issued" | "purchases_issued" | "paid_out";
                            /** @enum {string} */
                            type?: "grant" | "purchase" | "capture" | "refund" | "payout";
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getDeploymentsId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        /** @description Why it failed */
                        code: string | null;
                        /** Format: date-time */
                        createdAt: string;
                        deploymentId: string;
                        finishedAt: string | null;
                        health: unknown;
                        message: string | null;
                        /** @enum {string} */
                        status: "pending" | "building" | "testing" | "canary" | "active" | "failed" | "superseded" | "rolled_back" | "stopped";
                        steps: {
                            name: string;
                            /** Format: date-time */
                            startedAt: string;
                            /** @enum {string} */
                            status: "running" | "done" | "failed";
                            tookMs: number | null;
                        }[];
                        version: number;
                    };
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        database: "ok" | "failed" | "not_configured";
                        /**
                         * @description Whatever store holds the files, S3 or the disk
                         * @enum {string}
                         */
                        files: "ok" | "failed" | "not_configured";
                        /** @enum {string} */
                        redis: "ok" | "failed" | "not_configured";
                        /** @enum {string} */
                        s3: "ok" | "failed" | "not_configured";
                        sandbox: {
                            /** @description Sandboxes that stand ready for callers who come for the first time */
                            blanks: number;
                            /** @description How many should, by the last hour; the rest is booted in idle moments */
                            blanksWanted: number;
                            driver: string;
                            /** @description Walls that did not hold when they were tried at start: why the grade is not strong */
                            fallen: {
                                evidence: string;
                                wall: string;
                            }[];
                            /** @enum {string} */
                            grade: "strong" | "process" | "none";
                            limiter: string;
                            /** @description The command that lifts the grade */
                            mend: string | null;
                            /** @description Agents in Python: `untried` before the first of them needs it */
                            python: {
                                /** @enum {string} */
                                grade: "strong" | "process" | "none" | "untried";
                                mend: string | null;
                                version: string | null;
                                /** @description Why agents in Python are not run here */
                                why: string | null;
                            };
                            running: number;
                            waiting: number;
                            weakIsolationAllowed: boolean;
                            /** @description Why the grade is not strong */
                            why: string | null;
                        };
                        /**
                         * @description failed: runs cannot be served; degraded: they can, but something is not well
                         * @enum {string}
                         */
                        status: "ok" | "degraded" | "failed";
                        /** Format: date-time */
                        timestamp: string;
                    };
                };
            };
            /** @description Default Response */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        database: "ok" | "failed" | "not_configured";
                        /**
                         * @description Whatever store holds the files, S3 or the disk
                         * @enum {string}
                         */
                        files: "ok" | "failed" | "not_configured";
                        /** @enum {string} */
                        redis: "ok" | "failed" | "not_configured";
                        /** @enum {string} */
                        s3: "ok" | "failed" | "not_configured";
                        sandbox: {
                            /** @description Sandboxes that stand ready for callers who come for the first time */
                            blanks: number;
                            /** @description How many should, by the last hour; the rest is booted in idle moments */
                            blanksWanted: number;
                            driver: string;
                            /** @description Walls that did not hold when they were tried at start: why the grade is not strong */
                            fallen: {
                                evidence: string;
                                wall: string;
                            }[];
                            /** @enum {string} */
                            grade: "strong" | "process" | "none";
                            limiter: string;
                            /** @description The command that lifts the grade */
                            mend: string | null;
                            /** @description Agents in Python: `untried` before the first of them needs it */
                            python: {
                                /** @enum {string} */
                                grade: "strong" | "process" | "none" | "untried";
                                mend: string | null;
                                version: string | null;
                                /** @description Why agents in Python are not run here */
                                why: string | null;
                            };
                            running: number;
                            waiting: number;
                            weakIsolationAllowed: boolean;
                            /** @description Why the grade is not strong */
                            why: string | null;
                        };
                        /**
                         * @description failed: runs cannot be served; degraded: they can, but something is not well
                         * @enum {string}
                         */
                        status: "ok" | "degraded" | "failed";
                        /** Format: date-time */
                        timestamp: string;
                    };
                };
            };
        };
    };
    getHealthLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        live: true;
                    };
                };
            };
        };
    };
    getHealthReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ready: boolean;
                    };
                };
            };
            /** @description Default Response */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ready: boolean;
                    };
                };
            };
        };
    };
    getHome: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Most run by others, and not by this account lately */
                        agents: {
                            /** @enum {string} */
                            category: "data" | "documents" | "text" | "images" | "audio" | "code" | "web" | "finance" | "science" | "productivity" | "developer-tools" | "fun" | "other";
                            /** Format: date-time */
                            createdAt: string;
                            description: string;
                            /** @description Whether its own address answers examples with their stored outputs */
                            hasExample: boolean;
                            /** @description How many hosts it may reach; 0 uses no network */
                            hosts: number;
                            /** @description Name of a lucide icon, or one emoji */
                            icon: string | null;
                            id: string;
                            /** @description Visitors may run it a few times a day */
                            isTrial: boolean;
                            /** @enum {string} */
                            language: "typescript" | "javascript" | "python";
                            name: string;
                            /** @description The account's name in addresses */
                            owner: string;
                            ownerName: string;
                            price: {
                                /** @description Credits for each event that the agent charges */
                                events: {
                                    [key: string]: string;
                                };
                                /** @description The most that a run can cost: held when it starts */
                                max: string;
                                /** @description Credits for the run itself, as a decimal */
                                run: string;
                            } | null;
                            /** @description In the last 30 days; the creator's own runs count for nothing */
                            runs: number;
                            slug: string;
                            /** @enum {string} */
                            status: "draft" | "in_review" | "active" | "inactive" | "suspended";
                            /** @description Of the last 30 days; the creator's own runs count for nothing */
                            success: {
                                /** @description Part of the runs that were done, stopped ones left out; null without any */
                                rate: number | null;
                                /** @description Runs that count for it */
                                runs: number;
                            };
                            /** @description Of the last 30 days; null before the first run that was done */
                            typical: {
                                /** @description Credits: the mean charge of runs that were done */
                                charge: string;
                                /** @description Milliseconds: the median, averaged over hours */
                                ms: number;
                            } | null;
                            /** Format: date-time */
                            updatedAt: string;
                            version: number | null;
                            /** @enum {string} */
                            visibility: "private" | "unlisted" | "public";
                        }[];
                        /** @description Null for who may not see it */
                        balance: {
                            /** @description What can be spent now */
                            available: string;
                            /** @description Bought by the account */
                            bought: string;
                            /** @description Earned by the account’s agents from bought credits */
                            earned: string;
                            /** @description Earned from granted credits and own runs; cannot be paid out */
                            earnedGranted: string;
                            /** @description Given by the site; spent first */
                            granted: string;
                            /** @description Set aside for runs that are going */
                            held: string;
                            /** @description Charged for runs begun since the first of the month, UTC */
                            spentThisMonth: string;
                            /** @description Charged for runs begun since midnight, UTC */
                            spentToday: string;
                        } | null;
                        /** @description The newest */
                        runs: {
                            /** @description Null once it is gone */
                            agent: {
                                icon: string | null;
                                id: string;
                                name: string;
                                owner: string;
                                slug: string;
                            } | null;
                            agentId: string;
                            /** @description Credits as a decimal string with at most 6 places */
                            charge: string;
                            code: string | null;
                            /** Format: date-time */
                            createdAt: string;
                            finishedAt: string | null;
                            receipt: {
                                /** @description Credits as a decimal string with at most 6 places */
                                charged: string;
                                /** @description Set aside when the run was admitted */
                                held: string;
                                lines: {
                                    count: number;
                                    /** @description Credits as a decimal string with at most 6 places */
                                    credits: string;
                                    what: string;
                                }[];
                                /**
                                 * @description 'site' for a guest's run, which the site pays: free for whoever asked for it
                                 * @enum {string}
                                 */
                                paidBy: "account" | "site";
                                /** @description Set aside, but not charged */
                                returned: string;
                            };
                            /** Format: uuid */
                            runId: string;
                            runMs: number | null;
                            startedCold: boolean | null;
                            /** @enum {string} */
                            status: "queued" | "running" | "succeeded" | "failed" | "timed_out" | "canceled";
                            version: number;
                            waitMs: number | null;
                        }[];
                    };
                };
            };
        };
    };
    getIdentities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        createdAt: string;
                        email: string;
                        lastUsedAt: string | null;
                        /** @description How the provider is called here */
                        name: string;
                        /** @enum {string} */
                        provider: "github" | "google" | "oidc";
                    }[];
                };
            };
        };
    };
    postIdentities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    /** @description The provider vouches for the address */
                    emailVerified: boolean;
                    /** @default  */
                    name?: string;
                    /** @enum {string} */
                    provider: "github" | "google" | "oidc";
                    /** @description The provider's own id of the person */
                    subject: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    deleteIdentitiesProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: "github" | "google" | "oidc";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getInvitations: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: date-time */
                            createdAt?: string;
                            email?: string;
                            /** Format: date-time */
                            expiresAt?: string;
                            id?: string;
                            invitedBy?: string;
                            /** @enum {string} */
                            role?: "owner" | "admin" | "developer" | "billing";
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postInvitations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    /** @enum {string} */
                    role: "owner" | "admin" | "developer" | "billing";
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        createdAt: string;
                        email: string;
                        /** Format: date-time */
                        expiresAt: string;
                        id: string;
                        invitedBy: string;
                        /** @enum {string} */
                        role: "owner" | "admin" | "developer" | "billing";
                    };
                };
            };
        };
    };
    deleteInvitationsId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    postInvitationsAccept: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `token` of the link in the mail */
                    token: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accountId: string;
                        /** @enum {string} */
                        role: "owner" | "admin" | "developer" | "billing";
                    };
                };
            };
        };
    };
    postInvitationsDecline: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `token` of the link in the mail */
                    token: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    postInvitationsOffer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `token` of the link in the mail */
                    token: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accountName: string;
                        email: string;
                        /** Format: date-time */
                        expiresAt: string;
                        inviter: string | null;
                        /** @enum {string} */
                        role: "owner" | "admin" | "developer" | "billing";
                    };
                };
            };
        };
    };
    getKeys: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            agentIds?: string[];
                            /** Format: date-time */
                            createdAt?: string;
                            expiresAt?: string | null;
                            id?: string;
                            /** @description To the minute */
                            lastUsedAt?: string | null;
                            monthlyCapMicro?: string | null;
                            name?: string;
                            /** @description How the key begins */
                            prefix?: string;
                            revokedAt?: string | null;
                            scopes?: string[];
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Only these agents; empty for all
                     * @default []
                     */
                    agentIds?: string[];
                    /** @default null */
                    expiresAt?: string | null;
                    /**
                     * @description Most micro-credits a month (1 credit = 1000000)
                     * @default null
                     */
                    monthlyCapMicro?: string | null;
                    name: string;
                    /** @description What the key may do */
                    scopes: ("runs.create" | "runs.read" | "agents.read" | "agents.write" | "credits.read" | "keys.read" | "keys.write" | "members.read" | "secrets.read" | "secrets.write" | "audit.read" | "admin")[];
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentIds: string[];
                        /** Format: date-time */
                        createdAt: string;
                        expiresAt: string | null;
                        id: string;
                        /** @description The key itself. Shown this once. */
                        key: string;
                        /** @description To the minute */
                        lastUsedAt: string | null;
                        monthlyCapMicro: string | null;
                        name: string;
                        /** @description How the key begins */
                        prefix: string;
                        revokedAt: string | null;
                        scopes: string[];
                    };
                };
            };
        };
    };
    deleteKeysId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Revoked; refused within a second */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    patchKeysId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getMail: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        delivery: "smtp" | "files";
                        items: {
                            /** Format: date-time */
                            at?: string;
                            id?: string;
                            subject?: string;
                            text?: string;
                            to?: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: {
                            id: string;
                            /** @enum {string} */
                            kind: "personal" | "team" | "platform";
                            name: string;
                            /** @enum {string} */
                            role: "owner" | "admin" | "developer" | "billing";
                            slug: string;
                        };
                        permissions: ("runs.create" | "runs.read" | "agents.read" | "agents.write" | "credits.read" | "keys.read" | "keys.write" | "members.read" | "members.write" | "secrets.read" | "secrets.write" | "audit.read" | "admin")[];
                        sessionId: string;
                        user: {
                            /** Format: date-time */
                            createdAt: string;
                            email: string;
                            hasPassword: boolean;
                            hasTwoFactor: boolean;
                            id: string;
                            name: string;
                        };
                    };
                };
            };
        };
    };
    patchMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    putMePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    newPassword: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getMembers: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            email?: string;
                            hasTwoFactor?: boolean;
                            /** Format: date-time */
                            joinedAt?: string;
                            name?: string;
                            /** @enum {string} */
                            role?: "owner" | "admin" | "developer" | "billing";
                            userId?: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    deleteMembersId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    patchMembersId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    role: "owner" | "admin" | "developer" | "billing";
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getNotifications: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description Null: about the person, in any account */
                            account?: {
                                id: string;
                                name: string;
                            } | null;
                            /** Format: date-time */
                            createdAt?: string;
                            /** @description The facts of this kind */
                            data?: {
                                [key: string]: unknown;
                            };
                            /** Format: uuid */
                            id?: string;
                            /** @enum {string} */
                            kind?: "run_ended" | "credits_low" | "agent_failing" | "invitation" | "new_session";
                            readAt?: string | null;
                        }[];
                        nextCursor: string | null;
                        /** @description Not read; counted to 100 */
                        unread: number;
                    };
                };
            };
        };
    };
    postNotificationsRead: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Those of these ids; all without */
        requestBody: {
            content: {
                "application/json": {
                    ids?: string[];
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description They are read */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getNotificationsSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mail: {
                            agent_failing: boolean;
                            credits_low: boolean;
                            new_session: boolean;
                            run_ended: boolean;
                        };
                    };
                };
            };
        };
    };
    putNotificationsSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    byMail: boolean;
                    /** @enum {string} */
                    kind: "run_ended" | "credits_low" | "agent_failing" | "new_session";
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mail: {
                            agent_failing: boolean;
                            credits_low: boolean;
                            new_session: boolean;
                            run_ended: boolean;
                        };
                    };
                };
            };
        };
    };
    getReports: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
                /** @description Only those that are not closed */
                open?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            agent?: {
                                id: string;
                                name: string;
                                owner: string;
                                slug: string;
                            };
                            closedAt?: string | null;
                            /** Format: date-time */
                            createdAt?: string;
                            /** Format: uuid */
                            id?: string;
                            /** @description What the operator did about it */
                            note?: string | null;
                            /** @enum {string} */
                            reason?: "broken" | "misleading" | "harmful" | "infringing" | "other";
                            reporter?: {
                                id: string;
                                name: string;
                            };
                            /** @description A stranger's text */
                            text?: string;
                            /** @description Active when it was reported */
                            version?: number | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postReportsIdClose: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default  */
                    note?: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description It is closed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getRuns: {
        parameters: {
            query?: {
                /** @description Only runs of this agent */
                agent?: string;
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description Only runs begun then or later */
                from?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
                /** @description Only runs in this state */
                status?: "queued" | "running" | "succeeded" | "failed" | "timed_out" | "canceled";
                /** @description Only runs begun before */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description Null once it is gone */
                            agent?: {
                                icon: string | null;
                                id: string;
                                name: string;
                                owner: string;
                                slug: string;
                            } | null;
                            agentId?: string;
                            /** @description Credits as a decimal string with at most 6 places */
                            charge?: string;
                            code?: string | null;
                            /** Format: date-time */
                            createdAt?: string;
                            finishedAt?: string | null;
                            receipt?: {
                                /** @description Credits as a decimal string with at most 6 places */
                                charged: string;
                                /** @description Set aside when the run was admitted */
                                held: string;
                                lines: {
                                    count: number;
                                    /** @description Credits as a decimal string with at most 6 places */
                                    credits: string;
                                    what: string;
                                }[];
                                /**
                                 * @description 'site' for a guest's run, which the site pays: free for whoever asked for it
                                 * @enum {string}
                                 */
                                paidBy: "account" | "site";
                                /** @description Set aside, but not charged */
                                returned: string;
                            };
                            /** Format: uuid */
                            runId?: string;
                            runMs?: number | null;
                            startedCold?: boolean | null;
                            /** @enum {string} */
                            status?: "queued" | "running" | "succeeded" | "failed" | "timed_out" | "canceled";
                            version?: number;
                            waitMs?: number | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    getRunsId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        artifacts: {
                            /** @description When it is removed */
                            expiresAt: string | null;
                            /** @description An artifact is given out once its run is paid */
                            isPaid: boolean;
                            name: string;
                            sizeBytes: number;
                            type: string;
                            url: string;
                        }[];
                        cancelable: boolean;
                        /** @description Who stopped it */
                        canceledBy: {
                            /** @description Whether it was who asks now */
                            isYou: boolean;
                            /** @enum {string} */
                            kind: "person" | "key" | "guest";
                            /** @description Of the person or the key, for who may list those; null also for one that is gone */
                            name: string | null;
                        } | null;
                        /** @description Credits as a decimal string with at most 6 places */
                        charge: string;
                        code: string | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** @description What the run did over the network */
                        egress: {
                            /** @description With its port where that is not the usual one */
                            host: string;
                            receivedBytes: number;
                            /** @description Of them refused by the policy */
                            refused: number;
                            /** @description Redirects among them */
                            requests: number;
                            sentBytes: number;
                        }[];
                        failure?: {
                            issues?: {
                                message: string;
                                path: string;
                            }[];
                            message: string;
                            stack?: string;
                        };
                        finishedAt: string | null;
                        input?: unknown;
                        output?: unknown;
                        progress: {
                            fraction: number;
                            message: string;
                        } | null;
                        receipt: {
                            /** @description Credits as a decimal string with at most 6 places */
                            charged: string;
                            /** @description Set aside when the run was admitted */
                            held: string;
                            lines: {
                                count: number;
                                /** @description Credits as a decimal string with at most 6 places */
                                credits: string;
                                what: string;
                            }[];
                            /**
                             * @description 'site' for a guest's run, which the site pays: free for whoever asked for it
                             * @enum {string}
                             */
                            paidBy: "account" | "site";
                            /** @description Set aside, but not charged */
                            returned: string;
                        };
                        retention: {
                            /** @description When they went */
                            deletedAt: string | null;
                            /** @description When input, output, logs and events go; null while the run is going */
                            until: string | null;
                        };
                        /** Format: uuid */
                        runId: string;
                        runMs: number | null;
                        startedCold: boolean | null;
                        /** @enum {string} */
                        status: "queued" | "running" | "succeeded" | "failed" | "timed_out" | "canceled";
                        version: number;
                        waiting: {
                            /** @description Until it starts, from how long runs took of late */
                            estimateMs: number | null;
                            /** @description This run counts */
                            place: number;
                            /**
                             * @description Too many runs of this account execute already, or all places of the site are taken
                             * @enum {string}
                             */
                            reason: "caller_limit" | "capacity";
                        } | null;
                        waitMs: number | null;
                    };
                };
            };
        };
    };
    postRunsIdAgain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The version that the run had, or the one that is active now
                     * @default current
                     * @enum {string}
                     */
                    version?: "same" | "current";
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        /** @description Credits as a decimal string with at most 6 places */
                        charge: string;
                        code: string | null;
                        /** Format: date-time */
                        createdAt: string;
                        finishedAt: string | null;
                        output: unknown;
                        receipt: {
                            /** @description Credits as a decimal string with at most 6 places */
                            charged: string;
                            /** @description Set aside when the run was admitted */
                            held: string;
                            lines: {
                                count: number;
                                /** @description Credits as a decimal string with at most 6 places */
                                credits: string;
                                what: string;
                            }[];
                            /**
                             * @description 'site' for a guest's run, which the site pays: free for whoever asked for it
                             * @enum {string}
                             */
                            paidBy: "account" | "site";
                            /** @description Set aside, but not charged */
                            returned: string;
                        };
                        /** Format: uuid */
                        runId: string;
                        runMs: number | null;
                        startedCold: boolean | null;
                        /** @enum {string} */
                        status: "queued" | "running" | "succeeded" | "failed" | "timed_out" | "canceled";
                        version: number;
                        waitMs: number | null;
                    };
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        runId: string;
                        /** @enum {string} */
                        status: "queued" | "running";
                        waiting: {
                            /** @description Until it starts, from how long runs took of late */
                            estimateMs: number | null;
                            /** @description This run counts */
                            place: number;
                            /**
                             * @description Too many runs of this account execute already, or all places of the site are taken
                             * @enum {string}
                             */
                            reason: "caller_limit" | "capacity";
                        } | null;
                    };
                };
            };
        };
    };
    getRunsIdArtifactsZip: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
        };
    };
    getRunsIdArtifactsName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
        };
    };
    postRunsIdCancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        /** @description Credits as a decimal string with at most 6 places */
                        charge: string;
                        code: string | null;
                        /** Format: date-time */
                        createdAt: string;
                        finishedAt: string | null;
                        receipt: {
                            /** @description Credits as a decimal string with at most 6 places */
                            charged: string;
                            /** @description Set aside when the run was admitted */
                            held: string;
                            lines: {
                                count: number;
                                /** @description Credits as a decimal string with at most 6 places */
                                credits: string;
                                what: string;
                            }[];
                            /**
                             * @description 'site' for a guest's run, which the site pays: free for whoever asked for it
                             * @enum {string}
                             */
                            paidBy: "account" | "site";
                            /** @description Set aside, but not charged */
                            returned: string;
                        };
                        /** Format: uuid */
                        runId: string;
                        runMs: number | null;
                        startedCold: boolean | null;
                        /** @enum {string} */
                        status: "queued" | "running" | "succeeded" | "failed" | "timed_out" | "canceled";
                        version: number;
                        waitMs: number | null;
                    };
                };
            };
        };
    };
    deleteRunsIdContent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getRunsIdEvents: {
        parameters: {
            query?: {
                /** @description As the header Last-Event-ID, for who cannot send it */
                after?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
        };
    };
    getRunsIdLogs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description Milliseconds since the run started */
                            atMs: number;
                            fields?: {
                                [key: string]: unknown;
                            };
                            /** @enum {string} */
                            level: "debug" | "info" | "warn" | "error";
                            message: string;
                        }[];
                    };
                };
            };
        };
    };
    getSecrets: {
        parameters: {
            query?: {
                /** @description Only those of this agent */
                agent?: string;
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            agentId?: string;
                            /** Format: date-time */
                            createdAt?: string;
                            /** @description Where it is sent, and nowhere else */
                            hosts?: string[];
                            name?: string;
                            /** @description Who set it last */
                            setBy?: string;
                            /** Format: date-time */
                            updatedAt?: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    putSecrets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    agentId: string;
                    name: string;
                    /** @description Written only: no answer ever holds it */
                    value: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agentId: string;
                        /** Format: date-time */
                        createdAt: string;
                        /** @description Where it is sent, and nowhere else */
                        hosts: string[];
                        name: string;
                        /** @description Who set it last */
                        setBy: string;
                        /** Format: date-time */
                        updatedAt: string;
                    };
                };
            };
        };
    };
    deleteSecrets: {
        parameters: {
            query: {
                agent: string;
                name: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Removed; runs that begin from now on do not use it */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getSessions: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            accountId?: string;
                            address?: string | null;
                            /** Format: date-time */
                            createdAt?: string;
                            /** @description What the browser says it is, in words */
                            device?: string;
                            /** Format: date-time */
                            expiresAt?: string;
                            id?: string;
                            isCurrent?: boolean;
                            /** @description To the minute */
                            lastUsedAt?: string | null;
                            userAgent?: string | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description With two-factor: six digits of the authenticator, or a recovery code */
                    code?: string;
                    /** @description `device` of an earlier sign-in on this device */
                    device?: string;
                    email: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The account that the session acts for */
                        accountId: string;
                        /** @description Send it with the next sign-in on this device: what others try does not delay it */
                        device: string;
                        /** Format: date-time */
                        expiresAt: string;
                        sessionId: string;
                        /** @description Send it as `Authorization: Bearer`. Shown this once */
                        token: string;
                        userId: string;
                    };
                };
            };
        };
    };
    deleteSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Ended; refused everywhere within a second */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    deleteSessionsId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Ended; refused everywhere within a second */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    deleteSessionsCurrent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Ended; refused everywhere within a second */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    putSessionsCurrentAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    accountId: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    postSessionsExternal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description With two-factor: six digits of the authenticator, or a recovery code */
                    code?: string;
                    /** @description `device` of an earlier sign-in on this device */
                    device?: string;
                    email: string;
                    /** @description The provider vouches for the address */
                    emailVerified: boolean;
                    /** @default  */
                    name?: string;
                    /** @enum {string} */
                    provider: "github" | "google" | "oidc";
                    /** @description The provider's own id of the person */
                    subject: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The account that the session acts for */
                        accountId: string;
                        /** @description Send it with the next sign-in on this device: what others try does not delay it */
                        device: string;
                        /** Format: date-time */
                        expiresAt: string;
                        sessionId: string;
                        /** @description Send it as `Authorization: Bearer`. Shown this once */
                        token: string;
                        userId: string;
                    };
                };
            };
        };
    };
    postTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description `realtime`: for one socket, within a minute
                     * @default api
                     * @enum {string}
                     */
                    audience?: "api" | "realtime";
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        expiresAt: string;
                        token: string;
                        /** @enum {string} */
                        tokenType: "Bearer";
                    };
                };
            };
        };
    };
    getTwoFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        isOn: boolean;
                        recoveryCodesLeft: number;
                    };
                };
            };
        };
    };
    postTwoFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    password: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description To type into an authenticator. Shown this once */
                        secret: string;
                        /** @description The same for its camera, as a QR code */
                        uri: string;
                    };
                };
            };
        };
    };
    postTwoFactorConfirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Each works once. Shown this once */
                        recoveryCodes: string[];
                    };
                };
            };
        };
    };
    postTwoFactorDisable: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    postTwoFactorRecoveryCodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Each works once. Shown this once */
                        recoveryCodes: string[];
                    };
                };
            };
        };
    };
    getUploads: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Names of the fields wanted, separated by commas */
                fields?: string;
                /** @description How many items, 1 to 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description From then on it is gone */
                            expiresAt?: string | null;
                            /** Format: uuid */
                            id?: string;
                            name?: string;
                            /** @description Of its content, hexadecimal */
                            sha256?: string;
                            sizeBytes?: number;
                            type?: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    postUploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description From then on it is gone */
                        expiresAt: string | null;
                        /** Format: uuid */
                        id: string;
                        name: string;
                        /** @description Of its content, hexadecimal */
                        sha256: string;
                        sizeBytes: number;
                        type: string;
                    };
                };
            };
        };
    };
    deleteUploadsId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Gone, and its space with it */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    postUploadsResumable: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    optionsUploadsResumable: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    deleteUploadsResumableId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    patchUploadsResumableId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    postUsers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    name: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "mail_sent";
                    };
                };
            };
        };
    };
    postUsersPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    password: string;
                    /** @description `token` of the link in the mail */
                    token: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    postUsersPasswordMail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "mail_sent";
                    };
                };
            };
        };
    };
    postUsersVerification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `token` of the link in the mail */
                    token: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accountId: string;
                        email: string;
                        userId: string;
                    };
                };
            };
        };
    };
    postUsersVerificationMail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                };
            };
        };
        responses: {
            /** @description A problem, with a code and what to do */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @description Stable; the list is at /docs/errors */
                        code: string;
                        /** @description What to do about it */
                        fix: string;
                        requestId: string;
                        /** @enum {string} */
                        retry: "never" | "later" | "now";
                        status: number;
                        title: string;
                        type: string;
                    };
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "mail_sent";
                    };
                };
            };
        };
    };
}
