/** Words that numbers stand behind which are not a person's: of goods and papers, and of versions. */
import { wordsOf } from './words-of.ts'

export const VERSION_WORDS: readonly string[] = wordsOf(
  'version* versao build* release* firmware commit* rev',
)

export const GOODS_WORDS: readonly string[] = wordsOf(
  // English
  'order* parcel* package* tracking shipment* invoice* receipt* ref',
  'reference* sku serial* item* article* rma po ticket* case',
  'isbn ean model* total',
  // Spanish
  'pedido* paquete* envio* seguimiento factura* albaran* recibo*',
  'referencia* articulo* serie incidencia* compra* abono* devolucion*',
  // French
  'commande* colis suivi facture* serie livraison* recu avis',
  // German
  'bestell* sendung* paket* rechnung* beleg* lieferschein* artikel* art',
  'serien* vorgang* gutschrift* rucksendung* kundennummer',
  // Portuguese
  'encomenda* pacote* rastre* fatura* guia* artigo* chamado*',
)
