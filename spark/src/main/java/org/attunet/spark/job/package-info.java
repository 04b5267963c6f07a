/** What the jobs share: how many tasks run at a time, what is sent to them, how far they are, why they failed. */
package org.attunet.spark.job;
