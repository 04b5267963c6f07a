/** Evaluation of a model on many cases as one job: a row for each case and label, and a summary. */
package org.attunet.spark.evaluate;
