import type { Letter } from "./letter.ts";
import type { Random } from "./random.ts";

/** Campaigns that sell something. */

export function pharmacy(random: Random): Letter {
  const shop = `${random.pick(["pills", "meds", "health"])}-${random.reused(4, 5)}.example`;
  const url = `http://${shop}/?c=${random.word(5)}`;
  return {
    name: random.pick(["Pharma Express ✔", "Health Shop ★"]),
    from: `shop@${shop}`,
    subject: random.spin("✔ {−70 %|−80 %} on {all pills|everything} {today|this week}"),
    html: random.spin(
      `<table><tr><td><a href="${url}"><img src="http://img.${shop}/${random.whole(1, 9)}.jpg" alt="{Cheap|Best} pills"></a></td></tr>` +
        `<tr><td style="font-size:1px;color:#fff">${random.word(9)} ${random.word(7)} ${random.word(8)}</td></tr></table>` +
        `<a href="http://${shop}/unsubscribe?u=${random.word(14)}">Unsubscribe</a>`,
    ),
    encoding: "quoted-printable",
    headers: [["List-Unsubscribe", `<http://${shop}/u/${random.word(14)}>`]],
  };
}

export function seo(random: Random): Letter {
  return {
    name: random.pick(["SEO Expert", "Web Marketing"]),
    from: `rank${random.whole(1, 30)}@seo-agency.example.org`,
    subject: random.spin("{First page|Top ranking} for your website {guaranteed|in 30 days}"),
    text: random.spin(
      `Hi,\n\nI {looked at|visited} your website and found {12|17|23} {errors|problems}. We {fix|solve} them and bring you ` +
        `to the {top|first page}. Prices: hxxp://seo-agency[.]example/plans-${random.whole(1, 4)} {or|,} just answer.\n`,
    ),
    charset: "us-ascii",
    encoding: "7bit",
  };
}

export function dating(random: Random): Letter {
  const url = `http://${random.reused(12, 7)}.meet-me.test/p/${random.whole(1000, 9999)}`;
  return {
    name: random.pick(["Lonely heart 💌", "New message 💌", "Someone near you 💌"]),
    from: `${random.word(6)}@meet-me.test`,
    subject: random.spin("💌 {I liked your profile|Are you free tonight|You have {3|5|7} new messages}"),
    text: random.spin(
      `{Hey|Hi} :)\n\n{I saw you online|We are neighbours}. My pictures are here: ${url.replace("http", "hxxp")}\n`,
    ),
    html: random.spin(`<p>{Hey|Hi} :)</p><p>{I saw you online|We are neighbours}.</p><a href="${url}">My pictures</a>`),
    encoding: "base64",
  };
}

export function watches(random: Random): Letter {
  const url = `http://192.0.2.${random.whole(200, 206)}/${random.word(5)}/`;
  return {
    name: "Luxury Outlet",
    from: `sale@outlet-${random.whole(1, 12)}.example`,
    subject: random.spin("{Replica|Luxury} watches {from 99|90% off}"),
    html: random.spin(
      `<center><h2>{Replica|Luxury} watches</h2><area href="${url}"><a href="${url}">{Buy now|See all}</a></center>`,
    ),
    // Declared wrongly: no reader knows it.
    charset: "x-unknown-42",
  };
}

export function software(random: Random): Letter {
  const url = `http://example.com@soft-${random.reused(4, 4)}.example:8080/get?lic=${random.word(8)}`;
  return {
    name: "Licence Store",
    from: `store@licence-${random.whole(1, 7)}.example.net`,
    subject: random.spin("{OEM|Original} software {licences|keys} at {10|15|20} %"),
    text: random.spin(`{All programs|Office, CAD, photo}, {instant download|no waiting}: ${url}\n`),
    charset: "us-ascii",
    encoding: "7bit",
    mailer: "Mass Sender 2.1",
  };
}
