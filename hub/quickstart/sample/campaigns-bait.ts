import { pdfLike, programLike, zipOf } from "./files.ts";
import type { Letter } from "./letter.ts";
import type { Random } from "./random.ts";

/** Campaigns that want the reader's password or computer. */

export function parcel(random: Random): Letter {
  const number = `PX${random.whole(1e8, 9e8)}`;
  const host = `${random.pick(["track", "parcel", "delivery"])}-${random.reused(3, 4)}.example`;
  const url = `http://${host}/t/${random.word(10)}?n=${number}`;
  return {
    name: random.pick(["Parcel Service", "Delivery Desk", "Customs Office"]),
    from: `no-reply@${host}`,
    subject: random.spin(`{Your parcel|Shipment} ${number} {is waiting|could not be delivered|is held by customs}`),
    text: random.spin(
      `Dear customer,\n\n{a fee of 1.99 is due|the address is incomplete}. {Confirm|Pay} here: ${url}\n`,
    ),
    html: random.spin(
      `<html><body><p>Dear customer,</p><p>{a fee of 1.99 is due|the address is incomplete}.</p>` +
        `<a href="${url}">https://www.parcel-service.example.com/</a><img src="http://${host}/o.gif?u=${random.word(12)}" width=1 height=1></body></html>`,
    ),
    encoding: "quoted-printable",
  };
}

export function bank(random: Random): Letter {
  const url = `https://secure-login.${random.reused(5, 5)}.example/${random.pick(["verify", "signin", "update"])}/${random.word(16)}`;
  return {
    name: "Sicherheitsabteilung für Kunden",
    from: `service@bank-${random.whole(1, 8)}.example`,
    subject: random.spin(
      "{Wichtige Mitteilung|Letzte Mahnung}: Ihr {Konto|Zugang} wird gesperrt – bitte {bestätigen|prüfen}",
    ),
    html: random.spin(
      `<!doctype html><html><head><base href="${url}"></head><body style="background:url('http://img.${random.reused(2, 5)}.example/bg.png')">` +
        `<p>Sehr geehrte Kundin, sehr geehrter Kunde,</p><p>{wir konnten Ihre Daten nicht prüfen|Ihr Konto wurde eingeschränkt}.</p>` +
        `<a href="${url}">{Jetzt bestätigen|Zur Anmeldung}</a></body></html>`,
    ),
    encoding: "base64",
    mailer: "PHPMailer 5.2.9 (https://mailer.example.org)",
    headers: [["X-PHP-Originating-Script", `${random.whole(500, 1100)}:mailer-${random.word(4)}.php`]],
  };
}

export function quota(random: Random): Letter {
  const url = `http://webmail-${random.reused(4, 5)}.test/login.html`;
  return {
    name: "IT Service Desk",
    from: `helpdesk@${random.pick(["support", "admin"])}.example.org`,
    subject: random.spin("{Your mailbox is full|Mailbox quota exceeded (9{7|8|9}%)}"),
    html: random.spin(`<p>{Dear user|Attention}, see the {form|page} attached to {keep|restore} your mailbox.</p>`),
    attachments: [
      {
        name: "Mailbox-upgrade.html",
        type: "text/html",
        content: Buffer.from(
          `<html><form action="${url}" method="post"><input type="password" name="p"></form></html>`,
        ),
      },
    ],
  };
}

export function invoice(random: Random): Letter {
  const number = random.whole(10_000, 99_999);
  const inside = random.pick([`Invoice_${number}.pdf.exe`, `Rechnung_${number}.pdf.scr`]);
  const zipped = random.chance(0.6);
  return {
    name: "Accounts Receivable",
    from: `billing@${random.pick(["supplies", "trading", "logistics"])}-${random.whole(1, 9)}.example.net`,
    subject: random.spin(`{Invoice|Overdue invoice|Payment reminder} ${number}`),
    text: random.spin(
      `{Please find attached|Attached is} our invoice ${number}. {Kindly pay at once|It is overdue}.\n`,
    ),
    attachments: [
      zipped
        ? { name: `Invoice_${number}.zip`, type: "application/zip", content: zipOf(inside, programLike(random)) }
        : { name: inside, type: "application/octet-stream", content: programLike(random) },
    ],
    charset: "us-ascii",
    encoding: "7bit",
    mailer: "Microsoft Outlook Express 6.00.2900.5512",
  };
}

export function voiceMessage(random: Random): Letter {
  const url = `http://voice.${random.reused(3, 6)}.example/listen/${random.word(9)}`;
  return {
    name: "Voice Mail",
    from: `pbx${random.whole(1, 40)}@voice.example.com`,
    subject: random.spin(`{New voice message|Missed call} from +999 ${random.whole(1e5, 9e5)}`),
    text: random.spin(
      "{You have|There is} a new message of 0:{14|27|41}. {Open|See} the attachment to {listen|play it}.\n",
    ),
    attachments: [
      // The right-to-left override shows as "Voice_fdp.exe": an old trick with names.
      random.chance(0.3)
        ? { name: "Voice_\u202eexe.pdf", type: "application/pdf", content: pdfLike(url) }
        : { name: "Voice.pdf", type: "application/pdf", content: pdfLike(url) },
    ],
  };
}
