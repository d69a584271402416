using System.Security.Cryptography;

namespace Mlops.Onnx;

/// <summary>Keeps the files of models that are in memory several times once, as long as somebody uses them.</summary>
internal static class ModelBytes
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, WeakReference<byte[]>> s_known = new(StringComparer.Ordinal);

    /// <summary>Gives the same content, as it is in memory already.</summary>
    public static byte[] Share(byte[] bytes)
    {
        var key = Convert.ToHexString(SHA256.HashData(bytes));
        lock (s_gate)
        {
            if (s_known.TryGetValue(key, out var known) && known.TryGetTarget(out var shared)) return shared;
            foreach (var (other, reference) in s_known)
            {
                if (!reference.TryGetTarget(out _)) s_known.Remove(other);
            }

            s_known[key] = new WeakReference<byte[]>(bytes);
            return bytes;
        }
    }
}
