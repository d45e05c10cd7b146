import {
  Admin,
  type Broker,
  type Callback,
  type Connection,
  Consumer,
  kGetConnection,
  NetworkError,
  Producer,
} from '@platformatic/kafka';

/*
 * The library's clients, but for one thing: asked for the connection of a broker that has just left the metadata, such as a
 * partition's leader or a group's coordinator that died, they throw inside a callback, which would end the process. Here it is
 * a failure like any other of the network, and is tried again.
 */
const GONE = 'the broker has left the cluster';

export class LogAdmin extends Admin {
  override [kGetConnection](broker: Broker | undefined, callback: Callback<Connection>): void {
    if (broker === undefined) callback(new NetworkError(GONE));
    else super[kGetConnection](broker, callback);
  }
}

export class LogConsumer extends Consumer {
  override [kGetConnection](broker: Broker | undefined, callback: Callback<Connection>): void {
    if (broker === undefined) callback(new NetworkError(GONE));
    else super[kGetConnection](broker, callback);
  }
}

/** Its values may be `null`, which are tombstones. */
export class LogProducer extends Producer<Buffer, Buffer | null, Buffer, Buffer> {
  override [kGetConnection](broker: Broker | undefined, callback: Callback<Connection>): void {
    if (broker === undefined) callback(new NetworkError(GONE));
    else super[kGetConnection](broker, callback);
  }
}
