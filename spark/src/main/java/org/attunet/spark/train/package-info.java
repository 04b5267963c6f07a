/** Training on several executors: one barrier stage whose tasks are the ranks. */
package org.attunet.spark.train;
