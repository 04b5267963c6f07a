/** What the jobs share: how many tasks run at a time, how far they are, why they failed. */
package org.attunet.spark.job;
