import { bytes, moment, number } from "./format.ts";
import { counted, Group, list, Row } from "./fields.tsx";
import { Copy, Foreign, IndicatorLink, NameLink } from "./foreign.tsx";
import { defang } from "./kind.ts";
import type { Observation } from "./wire.ts";

/** Every field of an observation, in groups; what is unknown is not shown. */
export function Detail({ item }: { item: Observation }) {
  const { source, envelope, campaign } = item;
  return (
    <>
      <Group title="Mail">
        <Row term="From">{item.from && <Foreign text={item.from} />}</Row>
        <Row term="Reply to">{item.replyTo && <Foreign text={item.replyTo} />}</Row>
        <Row term="Message id">{item.messageId && <Foreign text={item.messageId} mono />}</Row>
        <Row term="Mailer">{item.mailer && <Foreign text={item.mailer} />}</Row>
        <Row term="Charset">{item.charset && <Foreign text={item.charset} />}</Row>
        <Row term="Size">{bytes(item.size)}</Row>
        <Row term="Received">{moment(item.receivedAt)} UTC</Row>
        <Row term="Observed">{moment(item.observedAt)} UTC</Row>
        <Row term="At the hub">{moment(item.learnedAt)} UTC</Row>
        <Row term="Trap">{item.trapKind}</Row>
        <Row term="Backscatter">{item.backscatter && "yes: a bounce or an automatic reply"}</Row>
        <Row term="Redactions">{item.redactions ? number(item.redactions) : undefined}</Row>
      </Group>
      <Group title="Source">
        <Row term="Address">{source?.ip && <IndicatorLink kind="ip" value={source.ip} />}</Row>
        <Row term="Reverse DNS">{source?.rdns && <IndicatorLink kind="host" value={source.rdns} />}</Row>
        <Row term="HELO">{source?.helo && <Foreign text={source.helo} mono />}</Row>
        <Row term="Protocol">{source?.protocol && <Foreign text={source.protocol} />}</Row>
        <Row term="Hop">{source?.hop !== undefined && number(source.hop)}</Row>
      </Group>
      <Group title="Envelope">
        <Row term="Sender">
          {envelope?.sender !== undefined && <Foreign text={envelope.sender === "" ? "<>" : envelope.sender} mono />}
        </Row>
        <Row term="Sender domain">{envelope?.senderDomain && <NameLink value={envelope.senderDomain} />}</Row>
        <Row term="Recipients">{envelope && number(envelope.recipientCount)}</Row>
        <Row term="As HMAC">
          {list(envelope?.recipients, (hmac) => (
            <Foreign text={hmac} mono />
          ))}
        </Row>
      </Group>
      <Group title={`URLs${counted(item.urls)}`}>
        <Row term="">
          {list(item.urls, ({ url, place }) => (
            <span class="url">
              <IndicatorLink kind="url" value={url} text={defang(url)} />
              <span class="muted small">
                <Foreign text={place} /> <Copy text={url} what="this URL" />
              </span>
            </span>
          ))}
        </Row>
        <Row term="Domains">
          {list(item.domains, (domain) => (
            <IndicatorLink kind="domain" value={domain} />
          ))}
        </Row>
        <Row term="Hosts">
          {list(hostsOf(item), (host) => (
            <IndicatorLink kind="host" value={host} />
          ))}
        </Row>
        <Row term="Addresses">
          {list(item.emails, (email) => (
            <IndicatorLink kind="email" value={email} />
          ))}
        </Row>
      </Group>
      <Group title={`Attachments${counted(item.attachments)}`}>
        <Row term="">
          {list(item.attachments, (file) => (
            <span class="url">
              <span>
                <Foreign text={file.name ?? "(no name)"} /> <span class="muted">{bytes(file.size)}</span>
              </span>
              <span class="muted small">
                <Foreign text={[file.type, file.sniffed && `in truth ${file.sniffed}`].filter(Boolean).join(", ")} />
              </span>
              <IndicatorLink kind="attachment" value={file.sha256} />
            </span>
          ))}
        </Row>
      </Group>
      <Group title="Campaign">
        <Row term="Body">{campaign?.body && <IndicatorLink kind="campaign" value={`body:${campaign.body}`} />}</Row>
        <Row term="Simhash">{campaign?.simhash && <Foreign text={campaign.simhash} mono />}</Row>
        <Row term="Subject">
          {campaign?.subject && <IndicatorLink kind="campaign" value={`subject:${campaign.subject}`} />}
        </Row>
        <Row term="URLs">
          {list(campaign?.urls, (template) => (
            <Foreign text={defang(template)} mono />
          ))}
        </Row>
        <Row term="Attachments">
          {list(campaign?.attachments, (key) => (
            <IndicatorLink kind="campaign" value={`attachment:${key}`} />
          ))}
        </Row>
      </Group>
      <Group title={`Defects${counted(item.defects)}`}>
        <Row term="">
          {list(item.defects, (defect) => (
            <span class="badge defect">
              <Foreign text={defect} />
            </span>
          ))}
        </Row>
      </Group>
      <Group title="Provenance">
        <Row term="Agent">
          <Foreign text={item.agent} mono />
        </Row>
        <Row term="Observation">
          <Foreign text={item.id} mono />
        </Row>
      </Group>
    </>
  );
}

const hostsOf = (item: Observation): string[] => [
  ...new Set(item.urls?.flatMap(({ host }) => (host === undefined ? [] : [host]))),
];
