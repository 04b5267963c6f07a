/** What the jobs share: partitions of cases, values sent to tasks, progress, tables and failures. */
package org.attunet.spark.job;
