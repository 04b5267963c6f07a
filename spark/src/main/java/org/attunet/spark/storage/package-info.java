/** Files wherever Hadoop reaches them: found, brought here, and put there whole. */
package org.attunet.spark.storage;
