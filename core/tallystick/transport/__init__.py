"""The way to a vendor over HTTP: the only room of core that knows httpx from inside.

    Client.send          stays with its host, turns silence and refusals into recoveries
      Repeating          again, where that is safe, when the vendor asks for it
        Whole            bodies are read to their end, up to a cap
          Paced          a turn under the quota, a seat of the few at once
            Guarded      no private address, and the one looked up is the one connected to

A connector gets its client from `Context.http`; of this room it uses `answers` (what an answer
says), `paging` and `oauth`.
"""
