/** The commands of {@code attunet spark}: segmentation, evaluation and training as jobs of Apache Spark. */
package org.attunet.spark;
