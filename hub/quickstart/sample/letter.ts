/** What a campaign writes for one recipient, before it is put into MIME. */
export interface Letter {
  /** Display name of From; any script. */
  readonly name: string;
  readonly from: string;
  readonly replyTo?: string;
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  readonly charset?: Charset;
  readonly encoding?: Encoding;
  readonly attachments?: readonly File[];
  /** Subject and name as bare bytes, against RFC 5322, as many spammers do. */
  readonly rawHeaders?: boolean;
  readonly mailer?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** The null sender of bounces. */
  readonly bounce?: boolean;
  /** Instead of header and body: bytes that are hardly a mail. Delivery still puts its own headers before them. */
  readonly raw?: Buffer;
  /** Nothing is put before `raw`: such files turn up in maildirs, too. */
  readonly bare?: boolean;
}

export interface File {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

export type Encoding = "7bit" | "8bit" | "quoted-printable" | "base64";
export type Charset = "us-ascii" | "utf-8" | "iso-8859-1" | "windows-1251" | "x-unknown-42";
