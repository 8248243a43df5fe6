/**
 * Limits of one observation (L11). What is cut is named in `defects`. A file of its own, so that a thread which only
 * keeps to them need not load the schema's library: that took longer than all else at its start.
 */
export const observationLimits = {
  leafBytes: 64 * 1024,
  text: 1000,
  url: 2048,
  urls: 200,
  domains: 200,
  emails: 100,
  attachments: 50,
  recipients: 100,
  defects: 50,
} as const;
