using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>The weights of one session, each of which all sessions with the same one keep once; what no session uses any more is released.</summary>
/// <remarks>
/// ONNX Runtime keeps a weight, and beside it the form in which an operator of this processor reads it fastest. The second form is shared by the sessions whose weights are
/// all the same: what belongs to it can only be released as a whole.
/// </remarks>
internal sealed unsafe class SharedWeights
{
    /// <summary>Smaller weights cost less than their administration.</summary>
    private const int MinBytes = 1024;

    /// <summary>As the widest registers of processors want it.</summary>
    private const int Alignment = 64;

    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, Entry> s_entries = new(StringComparer.Ordinal);

    private readonly OrtLibrary _library;
    private readonly List<Entry> _held = [];

    private SharedWeights(OrtLibrary library) => _library = library;

    /// <summary>Gets the number of weights, and of sets of prepared ones, that are kept.</summary>
    public static int Count
    {
        get
        {
            lock (s_gate) return s_entries.Count;
        }
    }

    /// <summary>Gets where the prepared forms are kept (OrtPrepackedWeightsContainer).</summary>
    public nint Prepared { get; private set; }

    /// <summary>Gives the weights of a model to the options of its session; <see langword="null"/> where there are none that could be shared.</summary>
    /// <param name="library">ONNX Runtime.</param>
    /// <param name="bytes">The model.</param>
    /// <param name="settings">The options of the session (OrtSessionOptions).</param>
    public static SharedWeights? Add(OrtLibrary library, byte[] bytes, nint settings)
    {
        var found = WeightReader.Read(bytes).Where(weight => weight.Data.Length >= MinBytes).ToArray();
        if (found.Length == 0) return null;
        var weights = new SharedWeights(library);
        try
        {
            // Not under the lock, for which disposals wait too.
            var keys = Array.ConvertAll(found, weight => weights.KeyOf(weight, bytes));
            var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', keys.Order(StringComparer.Ordinal)))));
            lock (s_gate)
            {
                for (var i = 0; i < found.Length; i++) weights.Add(keys[i], found[i], bytes, settings);
                weights.AddPrepared(digest);
            }

            return weights;
        }
        catch
        {
            weights.Release();
            throw;
        }
    }

    /// <summary>Gives the weights up; the session must be gone.</summary>
    public void Release()
    {
        lock (s_gate)
        {
            foreach (var entry in _held)
            {
                if (--entry.Owners > 0) continue;
                s_entries.Remove(entry.Key);
                entry.Release();
            }

            _held.Clear();
        }
    }

    private string KeyOf(Weight weight, byte[] bytes)
        => $"{_library.Environment.Pointer}:{weight.ElementType}[{string.Join(',', weight.Shape)}]:{Convert.ToHexString(SHA256.HashData(DataOf(weight, bytes)))}";

    private static ReadOnlySpan<byte> DataOf(Weight weight, byte[] bytes) => bytes.AsSpan(weight.Data.Offset, weight.Data.Length);

    private void Add(string key, Weight weight, byte[] bytes, nint settings)
    {
        if (!s_entries.TryGetValue(key, out var entry))
        {
            entry = Copy(key, weight, DataOf(weight, bytes));
            s_entries.Add(key, entry);
        }

        Hold(entry);
        using var name = new NativeTexts([weight.Name]);
        _library.Check(_library.Api.AddInitializer(settings, name.Pointers[0], entry.Value));
    }

    private void AddPrepared(string digest)
    {
        var key = $"{_library.Environment.Pointer}:{digest}";
        if (!s_entries.TryGetValue(key, out var entry))
        {
            nint created;
            _library.Check(_library.Api.CreatePrepackedWeightsContainer(&created));
            var container = created;
            entry = new Entry(key, container, () => _library.Api.ReleasePrepackedWeightsContainer(container));
            s_entries.Add(key, entry);
        }

        Hold(entry);
        Prepared = entry.Value;
    }

    private void Hold(Entry entry)
    {
        entry.Owners++;
        _held.Add(entry);
    }

    private Entry Copy(string key, Weight weight, ReadOnlySpan<byte> data)
    {
        var memory = (nint)NativeMemory.AlignedAlloc((nuint)data.Length, Alignment);
        nint value;
        try
        {
            data.CopyTo(new Span<byte>((void*)memory, data.Length));
            fixed (long* shape = weight.Shape)
                _library.Check(_library.Api.CreateTensorWithData(_library.CpuMemory, (void*)memory, (nuint)data.Length, shape, (nuint)weight.Shape.Length, OrtElementTypes.ToOnnx(weight.ElementType), &value));
        }
        catch
        {
            NativeMemory.AlignedFree((void*)memory);
            throw;
        }

        var created = value;
        return new Entry(key, created, () =>
        {
            _library.Api.ReleaseValue(created);
            NativeMemory.AlignedFree((void*)memory);
        });
    }

    private sealed class Entry(string key, nint value, Action release)
    {
        public string Key => key;

        public nint Value => value;

        public int Owners { get; set; }

        public void Release() => release();
    }
}
