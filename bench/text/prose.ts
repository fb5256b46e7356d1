/** Sentences without personal data, as support tickets have them between it. */
import type { Language } from '../../test/helpers/text-corpus/templates/templates.ts'

export const PROSE: readonly { readonly language: Language; readonly text: string }[] = [
  {
    language: 'en',
    text: 'I have tried to reset it twice and nothing happens when I press the button on the last page.',
  },
  {
    language: 'en',
    text: 'The person I talked to was friendly, but nobody has written back since then and I would like to know what comes next.',
  },
  {
    language: 'en',
    text: 'If you need anything else from me, just say so and I will send it as soon as I am home.',
  },
  {
    language: 'es',
    text: 'He intentado cambiarlo varias veces y no pasa nada cuando pulso el botón de la última página.',
  },
  {
    language: 'es',
    text: 'La persona con la que hablé fue muy amable, pero nadie me ha contestado desde entonces y quisiera saber cómo sigue esto.',
  },
  {
    language: 'es',
    text: 'Si necesitan algo más, díganmelo y se lo mando en cuanto llegue a casa.',
  },
  {
    language: 'fr',
    text: 'J’ai essayé de le modifier plusieurs fois et rien ne se passe quand j’appuie sur le bouton de la dernière page.',
  },
  {
    language: 'fr',
    text: 'La personne à qui j’ai parlé était aimable, mais personne ne m’a répondu depuis et je voudrais connaître la suite.',
  },
  {
    language: 'fr',
    text: 'S’il vous faut autre chose, dites-le-moi et je vous l’envoie dès que je rentre.',
  },
  {
    language: 'de',
    text: 'Ich habe mehrmals versucht, es zu ändern, und nichts passiert, wenn ich auf der letzten Seite den Knopf drücke.',
  },
  {
    language: 'de',
    text: 'Die Dame am Schalter war freundlich, aber seither hat niemand geantwortet, und ich wüsste gern, wie es weitergeht.',
  },
  {
    language: 'de',
    text: 'Falls Sie noch etwas brauchen, sagen Sie es mir, und ich schicke es, sobald ich zu Hause bin.',
  },
  {
    language: 'pt',
    text: 'Tentei alterar várias vezes e nada acontece quando carrego no botão da última página.',
  },
  {
    language: 'pt',
    text: 'A pessoa com quem falei foi simpática, mas ninguém respondeu desde então e gostava de saber como continua.',
  },
  {
    language: 'pt',
    text: 'Se precisarem de mais alguma coisa, digam e eu envio assim que chegar a casa.',
  },
]
