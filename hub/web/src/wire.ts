/** What the API answers, as the page uses it. Its OpenAPI description is at /api/v1/openapi.json. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface Stream {
  readonly incarnation: string;
  readonly version: number;
  readonly head: number;
  readonly lag: number;
  readonly floor: number;
  readonly halted?: { readonly at: string; readonly reason: string };
}
export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly operator: string;
  readonly role: string;
  readonly release: string;
  readonly joinedAt: string;
  readonly revokedAt?: string;
  readonly lastSeen?: string;
  readonly observations: number;
  readonly health?: { readonly backlog: number; readonly lastError: string };
  readonly streams: readonly Stream[];
}

export interface SeenUrl {
  readonly url: string;
  readonly host?: string;
  readonly domain?: string;
  readonly place: string;
}
export interface Attachment {
  readonly name?: string;
  readonly type?: string;
  readonly sniffed?: string;
  readonly size: number;
  readonly sha256: string;
}
export interface Observation {
  readonly id: string;
  readonly agent: string;
  readonly receivedAt: string;
  readonly observedAt: string;
  readonly learnedAt: string;
  readonly trapKind?: string;
  readonly size: number;
  readonly source?: { ip?: string; helo?: string; rdns?: string; hop?: number; protocol?: string };
  readonly envelope?: {
    sender?: string;
    senderDomain?: string;
    recipients: readonly string[];
    recipientCount: number;
  };
  readonly from?: string;
  readonly replyTo?: string;
  readonly subject?: string;
  readonly messageId?: string;
  readonly mailer?: string;
  readonly charset?: string;
  readonly urls?: readonly SeenUrl[];
  readonly domains?: readonly string[];
  readonly emails?: readonly string[];
  readonly attachments?: readonly Attachment[];
  readonly campaign?: {
    body?: string;
    simhash?: string;
    subject?: string;
    urls?: readonly string[];
    attachments?: readonly string[];
  };
  readonly backscatter?: boolean;
  readonly redactions?: number;
  readonly defects?: readonly string[];
}

export interface Indicator {
  readonly kind: string;
  readonly value: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly count: number;
}
export interface IndicatorDetail extends Indicator {
  readonly agents: readonly { agent: string; count: number; firstSeen: string; lastSeen: string }[];
  readonly days: readonly { day: string; count: number }[];
  readonly observations: readonly Observation[];
}
export interface TrendPoint {
  readonly at: string;
  readonly count: number;
}
