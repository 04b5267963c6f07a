/** Access to libtorch: loading the natives, scopes that free them, Java arrays to tensors and back. */
package org.attunet.tensor;
