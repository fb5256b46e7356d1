/**
 * Sentences for subjects, comments and notes. `{slot}` is filled by the record that uses it;
 * besides personal data the texts hold what only looks like it: order numbers, dates and versions.
 */

export interface Phrases {
  readonly subjects: readonly string[]
  /** What the requester writes. */
  readonly asks: readonly string[]
  /** What the agent answers. */
  readonly answers: readonly string[]
}

const ENGLISH: Phrases = {
  subjects: [
    'Order {order} has not arrived',
    'Refund for {date}',
    'App {version} closes by itself 😞',
    'Charged twice',
    'Change of address / phone',
    'Please delete my account',
  ],
  asks: [
    'Hi, my order {order} of {date} is late. Call me on {phone}. Thanks, {name}',
    'I was charged twice on card {card} 😡 Please refund one of them.',
    'Since {version} I cannot log in. My e-mail is {email}.',
    'Could you send the refund to {iban}? Order {order}. – {name}',
    'My ID is {nid}, as you asked. Is that "enough"?\nBest, {name} 🙏',
    'New number: {phone}. The old one stopped on {date}.',
    'Still waiting & nobody answers. Ticket from {date}, version {version}.',
  ],
  answers: [
    'Hello {name}, order {order} left our warehouse on {date}. 📦',
    'The refund is on its way; it takes 3-5 days.',
    'We wrote to {email} on {date}. Could you check the spam folder?',
    'Please update to {version} <https://example.com/downloads> and try again.',
    'I called {phone}, nobody answered. Will try tomorrow at 10:30.',
  ],
}

const SPANISH: Phrases = {
  subjects: ['El pedido {order} no llega', 'Devolución del {date}', '¿Cómo cambio mi teléfono?'],
  asks: [
    'Hola, ¿dónde está mi pedido {order}? Mi teléfono es {phone}. Un saludo, {name}',
    'Me habéis cobrado dos veces en la tarjeta {card}. ¡Qué vergüenza! 😤',
    'Mi DNI es {nid} y mi correo {email}. Gracias.',
    'Haced la devolución en {iban}, por favor. Compra del {date}.',
    'Desde la versión {version} la aplicación se cierra sola.',
  ],
  answers: [
    'Buenos días, {name}: el pedido {order} salió el {date}. 🚚',
    'Le escribimos a {email}; revise también el correo no deseado.',
    'La devolución tarda de 3 a 5 días hábiles.',
  ],
}

const FRENCH: Phrases = {
  subjects: ['Commande {order} non reçue', 'Remboursement demandé'],
  asks: [
    'Bonjour, où est ma commande {order} ? Mon numéro : {phone}. Merci, {name}',
    'Débité deux fois sur la carte {card} 😠',
    'Voici mon IBAN : {iban}. À bientôt.',
  ],
  answers: [
    'Bonjour {name}, votre colis est parti le {date}.',
    'Nous avons écrit à {email} le {date}.',
  ],
}

const GERMAN: Phrases = {
  subjects: ['Bestellung {order} fehlt', 'Rückerstattung'],
  asks: [
    'Guten Tag, wo bleibt meine Bestellung {order}? Rückruf unter {phone}. Grüße, {name}',
    'Meine Karte {card} wurde doppelt belastet!',
    'Bitte überweisen Sie auf {iban}. Danke schön 🙂',
  ],
  answers: [
    'Hallo {name}, das Paket ging am {date} hinaus.',
    'Wir haben Ihnen an {email} geschrieben.',
  ],
}

const JAPANESE: Phrases = {
  subjects: ['注文番号 {order} が届きません', '返金のお願い'],
  asks: [
    '{name}です。注文 {order} がまだ届きません。電話番号は {phone} です。',
    'カード {card} に二重請求がありました😢 確認してください。',
    'メールは {email} です。よろしくお願いします🙇',
  ],
  answers: ['{name} 様、{date} に発送いたしました。', '返金まで3〜5日かかります。'],
}

const ARABIC: Phrases = {
  subjects: ['لم يصل الطلب {order}', 'استرداد المبلغ'],
  asks: [
    'مرحبا، لم يصل طلبي {order} بعد. رقمي {phone}. شكرا، {name}',
    'تم الخصم مرتين من البطاقة {card} 😟',
    'بريدي الإلكتروني {email}',
  ],
  answers: ['أهلا {name}، أرسلنا الطلب يوم {date}.', 'كتبنا إلى {email}.'],
}

const RUSSIAN: Phrases = {
  subjects: ['Заказ {order} не пришёл', 'Возврат денег'],
  asks: [
    'Здравствуйте! Где мой заказ {order}? Мой телефон {phone}. {name}',
    'С карты {card} списали дважды 😠',
    'Пишите на {email}, спасибо.',
  ],
  answers: ['{name}, заказ отправлен {date}.', 'Возврат займёт 3–5 дней.'],
}

const GREEK: Phrases = {
  subjects: ['Η παραγγελία {order} δεν ήρθε', 'Επιστροφή χρημάτων'],
  asks: [
    'Καλημέρα, πού είναι η παραγγελία {order}; Τηλέφωνο {phone}. Ευχαριστώ, {name}',
    'Χρεώθηκα δύο φορές στην κάρτα {card} 😕',
    'Το e-mail μου είναι {email}.',
  ],
  answers: ['{name}, η παραγγελία έφυγε στις {date}.', 'Γράψαμε στο {email}.'],
}

const BY_LANGUAGE: Readonly<Record<string, Phrases>> = {
  en: ENGLISH,
  es: SPANISH,
  fr: FRENCH,
  de: GERMAN,
  ja: JAPANESE,
  ar: ARABIC,
  ru: RUSSIAN,
  el: GREEK,
}

/** The sentences of a locale such as `en-GB`; English where there are none. */
export function phrasesOf(locale: string): Phrases {
  return BY_LANGUAGE[locale.split('-')[0] ?? ''] ?? ENGLISH
}

/** Notes that agents keep about a person. */
export const NOTES: readonly string[] = [
  'Prefers to be called in the morning, second e-mail {email2}.',
  'Hard of hearing: write, do not call {phone}.',
  'Moved on {date}. Verified by {nid}.',
  'Very kind 🌻 Sent flowers on {date}.',
  'Asked twice about order {order}; escalate.',
]

/**
 * The text with each `{slot}` replaced. A slot that is not in `slots` is a mistake in a template
 * and throws.
 */
export function fill(template: string, slots: Readonly<Record<string, () => string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const slot = slots[name]
    if (slot === undefined) throw new RangeError(`no slot named ${name}`)
    return slot()
  })
}
