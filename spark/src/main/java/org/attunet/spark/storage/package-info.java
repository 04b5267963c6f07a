/** Files in any file system of Hadoop's: listed, copied to this machine, and written whole. */
package org.attunet.spark.storage;
