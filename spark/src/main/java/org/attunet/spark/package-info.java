/** Past one machine: batch segmentation, evaluation and training as jobs of Apache Spark. */
package org.attunet.spark;
