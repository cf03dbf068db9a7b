"""The style sheet of the HTML document: A4 on paper, the same sheet on a screen."""

STYLE = """
@page {
  size: A4; margin: 15mm 16mm 17mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #666 }
}
* { box-sizing: border-box }
html { background: #eceeed }
body {
  width: 210mm; min-height: 297mm; margin: 8mm auto; padding: 15mm 16mm 17mm;
  background: #fff; color: #1c2321;
  font: 9.5pt/1.4 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif;
}
p, dl, h1 { margin: 0 }
header, .parties { display: flex; justify-content: space-between; gap: 12mm; padding-bottom: 7mm }
address { font-style: normal; overflow-wrap: anywhere; max-width: 90mm }
.seller, .notes, dt, th, .p, small, h1 span { color: #4a5451 }
.seller p:first-child { font-weight: 700; font-size: 12pt; color: #1c2321 }
.buyer p:first-child { font-weight: 600 }
h1 { font-size: 19pt; line-height: 1.2; font-weight: 600; text-align: right }
h1 span { display: block; font-size: 11pt; font-weight: 400; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: auto auto; gap: 0 5mm; align-content: start }
dd { margin: 0; text-align: right }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
thead { display: table-header-group }
th {
  padding: 0 0 1.5mm; border-bottom: .4mm solid #1c2321;
  font-size: 8.5pt; font-weight: 600; text-align: left;
}
td { padding: 1.2mm 0; border-bottom: .2mm solid #d5dad8; vertical-align: top }
tr, .totals, .notes, .payment { break-inside: avoid }
.n { text-align: right; white-space: nowrap; padding-left: 5mm }
.p { width: 8mm }
.t { overflow-wrap: anywhere }
small { display: block; font-size: 8.5pt; line-height: 1.3 }
.totals { width: auto; min-width: 90mm; max-width: 100%; margin: 5mm 0 0 auto }
.totals td { padding: .8mm 0; border: 0 }
.totals tr:last-child td {
  padding-top: 1.5mm; border-top: .4mm solid #1c2321; font-size: 12pt; font-weight: 700;
}
.totals tr:nth-last-child(2) td { padding-bottom: 1.5mm }
.notes { margin-top: 7mm; font-size: 9pt }
.payment { margin-top: 5mm }
.payment dl { justify-content: start; padding-top: 1.5mm }
.payment dd { text-align: left }
h2 { font-size: 13pt; font-weight: 600; margin: 10mm 0 3mm; break-before: page }
.annex { font-size: 8.5pt }
.annex tbody th { padding-top: 3mm; border-bottom-width: .2mm; color: #1c2321 }
.annex .d, .annex .r { white-space: nowrap; padding-right: 4mm }
@media print {
  html { background: none }
  body { width: auto; min-height: 0; margin: 0; padding: 0 }
}
"""
