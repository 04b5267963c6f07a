/**
 * Overlap and surface distances of masks per case and label, and their statistics over cases.
 *
 * <pre>{@code
 * LabelSet labels = LabelSet.of(Map.of(1, "anterior", 2, "posterior"));
 * List<CaseResult> results = new ArrayList<>();
 * for (Path truth : Images.list(Path.of("labelsTs"))) {
 *     LabelMap reference = Images.readLabels(truth);
 *     LabelMap mask = Images.readLabels(Path.of("masks").resolve(truth.getFileName()));
 *     results.add(CaseComparison.compare(Images.stem(truth), reference, mask, labels, Tolerance.DEFAULT));
 * }
 * Summary summary = Summary.of(results);
 * System.out.println("mean Dice " + summary.meanDice());
 * System.out.println(ResultsTable.toText(results, summary, labels));
 * }</pre>
 */
package org.attunet.metrics;
