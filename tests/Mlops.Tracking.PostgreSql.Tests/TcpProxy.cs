using System.Net;
using System.Net.Sockets;

namespace Mlops.Tracking.PostgreSql.Tests;

/// <summary>A way to a server that the test cuts, or that swallows what is sent, while others reach the server.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<Pair> _pairs = [];
    private readonly int _target;
    private readonly Task _accepting;
    private bool _isCut;

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Closes all connections and lets none through.</summary>
    public void Cut() => Change(() => _isCut = true, pair => pair.Dispose());

    /// <summary>Lets connections through again.</summary>
    public void Restore() => Change(() => _isCut = false, _ => { });

    /// <summary>Swallows what is sent over the connections that there are, without closing them: the other side is gone, and nobody says so.</summary>
    public void Silence() => Change(() => { }, pair => pair.IsSilent = true);

    public async ValueTask DisposeAsync()
    {
        Cut();
        _listener.Stop();
        await _accepting;
    }

    private void Change(Action change, Action<Pair> changePair)
    {
        lock (_lock)
        {
            change();
            _pairs.ForEach(changePair);
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                lock (_lock)
                {
                    if (_isCut)
                    {
                        client.Dispose();
                        continue;
                    }

                    var pair = new Pair(client, new TcpClient());
                    _pairs.Add(pair);
                    _ = pair.RunAsync(_target);
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The proxy was disposed.
        }
    }

    private sealed class Pair(TcpClient client, TcpClient server) : IDisposable
    {
        public volatile bool IsSilent;

        public async Task RunAsync(int target)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target);
                await await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            }
            catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // One side is gone, so the other goes as well.
            }

            if (!IsSilent) Dispose();
        }

        public void Dispose()
        {
            client.Dispose();
            server.Dispose();
        }

        private async Task PumpAsync(TcpClient from, TcpClient to)
        {
            var buffer = new byte[1 << 16];
            while (await from.GetStream().ReadAsync(buffer) is var count and > 0)
            {
                if (!IsSilent) await to.GetStream().WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }
}
