using System.Buffers;
using System.Buffers.Binary;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A copy of one observed call, in rented memory.</summary>
/// <remarks>
/// The bytes begin with a number for each tensor: how many elements it has, negated where it has no rows. Then follow the elements of all tensors as they are in memory; texts are references beside them,
/// since a text never changes.
/// </remarks>
internal readonly struct PayloadEntry
{
    private const int Overhead = 256;

    public Guid Id { get; private init; }

    public DateTimeOffset Time { get; private init; }

    public DateTimeOffset? EventTime { get; private init; }

    public string? Model { get; private init; }

    public string? Version { get; private init; }

    public string? Route { get; private init; }

    public TimeSpan Duration { get; private init; }

    /// <summary>Gets the type of what the call failed by; <see langword="null"/> when it succeeded.</summary>
    public string? Error { get; private init; }

    public int Rows { get; private init; }

    /// <summary>Gets the columns; none where the call failed.</summary>
    public PayloadLayout Layout { get; init; }

    /// <summary>Gets what it counts for in the queue.</summary>
    public long Size { get; private init; }

    /// <summary>Gets what completes when everything before this entry is written; only that, where it is there.</summary>
    public TaskCompletionSource? Flushed { get; init; }

    private byte[]? Bytes { get; init; }

    private string[]? Texts { get; init; }

    private int TextCount { get; init; }

    /// <summary>How many lines it becomes.</summary>
    public int Lines => Error is null ? Rows : 1;

    /// <summary>Tells what a call would count for in the queue.</summary>
    public static long SizeOf(PayloadLayout layout, TensorBatch inputs, TensorBatch outputs)
    {
        var size = (long)Overhead;
        for (var i = 0; i < layout.Slots.Length; i++)
        {
            var buffer = BufferOf(i, layout, inputs, outputs);
            size += 4 + ((long)buffer.Length * layout.Slots[i].ElementSize);
            if (buffer is not TensorBuffer<string> texts) continue;
            foreach (var text in texts.Span) size += 8 + (2L * (text?.Length ?? 0));
        }

        return size;
    }

    public static PayloadEntry OfFailure(PayloadLayout layout, PredictionContext context, string error, TimeSpan duration, DateTimeOffset time)
        => new() { Id = context.Id, Time = time, EventTime = context.EventTime, Model = context.ModelName, Version = context.ModelVersion, Route = context.Route, Duration = duration, Error = error, Layout = layout, Size = Overhead };

    public static PayloadEntry Of(PayloadLayout layout, TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration, DateTimeOffset time, long size)
    {
        var (byteCount, textCount) = (layout.Slots.Length * 4, 0);
        for (var i = 0; i < layout.Slots.Length; i++)
        {
            var length = BufferOf(i, layout, inputs, outputs).Length;
            byteCount = checked(byteCount + (length * layout.Slots[i].ElementSize));
            if (layout.Slots[i].IsText) textCount += length;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(byteCount);
        var texts = textCount == 0 ? null : ArrayPool<string>.Shared.Rent(textCount);
        var (atByte, atText) = (layout.Slots.Length * 4, 0);
        for (var i = 0; i < layout.Slots.Length; i++)
        {
            var buffer = BufferOf(i, layout, inputs, outputs);
            var hasRows = buffer.Shape.Length > 0 && buffer.Shape[0] == inputs.Rows;
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 4), hasRows ? buffer.Length : ~buffer.Length);
            if (buffer is TensorBuffer<string> strings)
            {
                strings.Span.CopyTo(texts.AsSpan(atText));
                atText += strings.Length;
                continue;
            }

            var elements = TensorElements.BytesOf(buffer);
            elements.CopyTo(bytes.AsSpan(atByte));
            atByte += elements.Length;
        }

        return new PayloadEntry
        {
            Id = context.Id,
            Time = time,
            EventTime = context.EventTime,
            Model = context.ModelName,
            Version = context.ModelVersion,
            Route = context.Route,
            Duration = duration,
            Rows = inputs.Rows,
            Layout = layout,
            Size = size,
            Bytes = bytes,
            Texts = texts,
            TextCount = textCount,
        };
    }

    /// <summary>Walks over the elements of the tensors, slot by slot.</summary>
    public Elements.Enumerator GetEnumerator() => new(this);

    public void Release()
    {
        if (Bytes is not null) ArrayPool<byte>.Shared.Return(Bytes);
        if (Texts is null) return;
        // Texts of callers must not stay in memory.
        Array.Clear(Texts, 0, TextCount);
        ArrayPool<string>.Shared.Return(Texts);
    }

    private static TensorBuffer BufferOf(int slot, PayloadLayout layout, TensorBatch inputs, TensorBatch outputs)
    {
        var inputCount = layout.Inputs.Length;
        return slot < inputCount ? inputs[slot] : outputs[slot - inputCount];
    }

    /// <summary>The elements of one tensor.</summary>
    public readonly ref struct Elements
    {
        private Elements(ReadOnlySpan<byte> bytes, ReadOnlySpan<string> texts, int count, bool hasRows)
        {
            Bytes = bytes;
            Texts = texts;
            (Count, HasRows) = (count, hasRows);
        }

        public ReadOnlySpan<byte> Bytes { get; }

        public ReadOnlySpan<string> Texts { get; }

        public int Count { get; }

        public bool HasRows { get; }

        /// <summary>Walks over the tensors.</summary>
        public ref struct Enumerator(PayloadEntry entry)
        {
            private readonly PayloadEntry _entry = entry;
            private int _slot = -1;
            private int _atByte = entry.Layout.Slots.Length * 4;
            private int _atText;

            public Elements Current { get; private set; }

            public bool MoveNext()
            {
                var slots = _entry.Layout.Slots;
                if (++_slot >= slots.Length || _entry.Bytes is null) return false;
                var count = BinaryPrimitives.ReadInt32LittleEndian(_entry.Bytes.AsSpan(_slot * 4));
                var hasRows = count >= 0;
                if (!hasRows) count = ~count;
                if (slots[_slot].IsText)
                {
                    Current = new Elements(default, _entry.Texts.AsSpan(_atText, count), count, hasRows);
                    _atText += count;
                    return true;
                }

                Current = new Elements(_entry.Bytes.AsSpan(_atByte, count * slots[_slot].ElementSize), default, count, hasRows);
                _atByte += count * slots[_slot].ElementSize;
                return true;
            }
        }
    }
}
