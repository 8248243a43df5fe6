import type { Letter } from "./letter.ts";
import type { Random } from "./random.ts";

/** Campaigns that want the reader's money. All of our own writing; each mail says it in other words. */

/** A well-known address without an owner, with a valid checksum: what is sent there is lost to all. */
const burnAddress = "1BitcoinEaterAddressDontSendf59kuE";

export function lottery(random: Random): Letter {
  const won = `${random.whole(450, 980)}.000,00`;
  return {
    name: random.pick(["Oficina de Lotería", "Lotería Internacional", "Señor Director"]),
    from: `aviso${random.whole(1, 99)}@loteria-${random.pick(["norte", "sur"])}.example`,
    replyTo: `premios.${random.word(4)}@dropbox.example.net`,
    subject: random.spin(`{¡Enhorabuena!|¡Felicidades!} Ha ganado ${won} {euros|EUR} en la lotería de Navidad`),
    text: random.spin(
      `{Estimado|Querido} ganador:\n\nSu dirección ha sido {elegida|seleccionada} en el sorteo de este año y ha ganado ${won} EUR.\n` +
        `{Escriba|Responda} a premios@dropbox.example.net con su nombre y teléfono {hoy mismo|antes del viernes}.\n\nNº de boleto: ${random.whole(1e5, 9e5)}\n`,
    ),
    charset: "iso-8859-1",
    rawHeaders: true,
  };
}

export function extortion(random: Random): Letter {
  return {
    name: "",
    from: `${random.word(7)}@${random.pick(["mailer", "relay", "host"])}-${random.whole(1, 9)}.test`,
    subject: random.spin("{I have seen everything|Your device was recorded|Last notice about your privacy}"),
    text: random.spin(
      `{Hello|Hi there}.\n\nI {put|installed} a program on your computer when you visited {a page for adults|a certain site}. ` +
        `I {recorded|filmed} you and {copied|saved} all your contacts.\n\nPay ${random.whole(600, 1900)} USD in bitcoin to\n\n  ${burnAddress}\n\n` +
        `within {48|50|72} hours, {or everyone will see it|or your friends will be told}. {Do not answer|There is no use in answering}.\n`,
    ),
    encoding: "base64",
    mailer: "The Bat! (v3.5) Professional",
  };
}

export function inheritance(random: Random): Letter {
  const sum = random.pick(["14.5", "18.7", "9.2", "27"]);
  return {
    name: random.pick(["Barrister of the estate", "Private office", "Foreign remittance desk"]),
    from: `desk${random.whole(10, 99)}@chambers.example.org`,
    replyTo: `estate.${random.word(5)}@freemail.example.net`,
    subject: random.spin(
      "{Re: |Fwd: |}{Urgent business proposal|The estate of your late relative|Your consent is needed}",
    ),
    text: random.spin(
      `Dear {friend|beloved|beneficiary},\n\nA customer of our bank {died|passed away} and left ${sum} million dollars and no {heir|next of kin}. ` +
        `You bear the same family name. {Let us share it|We shall divide it 60 to 40}.\n\nSend your bank details to my private box, ` +
        `{in strict confidence|and tell nobody}. Tel. +999 ${random.whole(1e6, 9e6)}\n`,
    ),
    charset: "us-ascii",
    encoding: "7bit",
    headers: [["X-Originating-IP", `[203.0.113.${random.whole(1, 254)}]`]],
  };
}

export function loan(random: Random): Letter {
  const rate = random.pick(["2%", "2.5%", "3%"]);
  return {
    name: "Quick Credit",
    from: `offer@quick-credit-${random.whole(1, 6)}.example`,
    subject: random.spin(`{Do you need a loan|Loan approved|Cash today} {at|for only} ${rate}{?|!}`),
    text: random.spin(
      `We lend {5,000 to 500,000|up to 900,000} at ${rate}. {No papers|No questions}. Apply at www.quick-credit.example/apply?id=${random.word(8)}\n`,
    ),
    html: random.spin(
      `<html><body><h1>Loans at ${rate}</h1><p>{No papers|No questions}.</p><form action="http://quick-credit-${random.whole(1, 6)}.example/apply">` +
        `<input name="name"><input type="submit" value="{Apply|Get cash}"></form></body></html>`,
    ),
    encoding: "quoted-printable",
  };
}

export function investment(random: Random): Letter {
  const host = `${random.reused(8, 6)}.trade-robot.example`;
  return {
    name: "Инвестор",
    from: `news@${host}`,
    subject: random.spin("{Заработок|Доход} от {тысячи|двух тысяч} в день"),
    text: random.spin(
      `{Здравствуйте|Добрый день}!\n\nНаш робот торгует {сам|за вас}. Начните сегодня: http://${host}/start?ref=${random.word(6)}\n\n{Успейте|Мест мало}!\n`,
    ),
    charset: "windows-1251",
    encoding: random.pick(["8bit", "base64"]),
    rawHeaders: random.chance(0.4),
  };
}

export function job(random: Random): Letter {
  return {
    name: "Human Resources",
    from: `jobs@staff-${random.whole(1, 5)}.example.com`,
    replyTo: `hiring.${random.word(5)}@freemail.example.net`,
    subject: random.spin("{Work from home|Part-time assistant wanted|Payment agent}: {900|1,200|2,500} a week"),
    text: random.spin(
      "We {need|are looking for} people to {receive and forward parcels|accept transfers on their account}. {Two|Three} hours a day, no experience.\n" +
        "{Answer to this mail|Write to us} with your name, age and bank.\n",
    ),
    charset: "us-ascii",
    encoding: "7bit",
  };
}
