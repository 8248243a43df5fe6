/**
 * The largest public mail providers. That a trap lies at one of them is no reason to leave its domain out of what a
 * mail names, and a domain that is not here is taken to be the trap's own: erring costs an indicator, not a trap.
 */
const names =
  "gmail.com googlemail.com google.com outlook.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it live.com live.co.uk live.fr msn.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.com.br ymail.com rocketmail.com aol.com icloud.com me.com mac.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de mail.com mail.ru bk.ru list.ru inbox.ru rambler.ru yandex.ru yandex.com ya.ru qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com naver.com daum.net hanmail.net proton.me protonmail.com tutanota.com zoho.com fastmail.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it uol.com.br bol.com.br terra.com.br seznam.cz centrum.cz wp.pl o2.pl onet.pl interia.pl comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net btinternet.com sky.com shaw.ca rogers.com sympatico.ca bigpond.com optusnet.com.au rediffmail.com abv.bg ukr.net azet.sk";

const providers = new Set(names.split(" "));

export const isProvider = (domain: string): boolean => providers.has(domain);
