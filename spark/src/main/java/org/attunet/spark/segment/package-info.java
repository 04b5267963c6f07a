/** Segmentation of many scans as one job: finds them, segments each once, and lists them in one table. */
package org.attunet.spark.segment;
