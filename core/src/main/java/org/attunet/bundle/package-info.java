/**
 * Trained models as files of the BioImage Model Zoo: the network, its preprocessing and labels, settings and card.
 *
 * <pre>{@code
 * Bundle bundle = Bundle.open(Path.of("model.zip"));
 * ModelDescription model = bundle.model();
 * System.out.println(model.name() + ", " + bundle.licence());
 * System.out.println("labels: " + model.labels());
 * System.out.println("channels: " + model.shape().channels());
 * System.out.println("spacing: " + Arrays.toString(model.preprocessing().targetSpacing()));
 * if (bundle.has(Precision.INT8)) {
 *     System.out.println("int8: " + bundle.onnxPath(Precision.INT8));
 * }
 * bundle.verify().forEach(System.out::println); // the files, whose hashes are compared
 * }</pre>
 */
package org.attunet.bundle;
