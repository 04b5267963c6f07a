/** A model measured on many cases as one job: a row for each case and label, and their summary. */
package org.attunet.spark.evaluate;
