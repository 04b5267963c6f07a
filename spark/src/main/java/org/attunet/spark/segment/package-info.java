/** Many scans segmented as one job: found, shared out by size, each done once, told in one table. */
package org.attunet.spark.segment;
