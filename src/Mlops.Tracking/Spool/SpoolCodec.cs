using System.Text;
using System.Text.Json;
using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>Writes what waits in a spool as bytes, and reads it.</summary>
/// <remarks>Little-endian; texts are UTF-8 behind their length. The names of metrics are written once per batch.</remarks>
internal static class SpoolCodec
{
    private const byte MetricsKind = 1;
    private const byte ChangesKind = 2;
    private const byte KnownChangesKind = 5;

    public static void Write(BinaryWriter writer, SpoolRecord record)
    {
        if (record.Batch is { } batch) Write(writer, batch);
        else Write(writer, record.RunId, record.Changes!);
    }

    /// <summary>Reads one record.</summary>
    /// <exception cref="InvalidDataException">The bytes are no record of this version.</exception>
    public static SpoolRecord Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, writable: false), Encoding.UTF8);
        try
        {
            return reader.ReadByte() switch
            {
                MetricsKind => ReadBatch(reader),
                ChangesKind => ReadChanges(reader, isKnown: false),
                KnownChangesKind => ReadChanges(reader, isKnown: true),
                var kind => throw new InvalidDataException(FormattableString.Invariant($"A record of the unknown kind {kind}.")),
            };
        }
        catch (Exception error) when (error is EndOfStreamException or FormatException or ArgumentException or OverflowException or JsonException)
        {
            throw new InvalidDataException("A record that ends too early or holds what it cannot.", error);
        }
    }

    private static void Write(BinaryWriter writer, MetricBatch batch)
    {
        writer.Write(MetricsKind);
        writer.Write(batch.RunId);
        writer.Write(batch.WriterId);
        writer.Write(batch.Sequence);
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var list = new List<string>();
        foreach (ref readonly var metric in batch.Metrics.Span)
        {
            if (names.TryAdd(metric.Name, list.Count)) list.Add(metric.Name);
        }

        writer.Write7BitEncodedInt(list.Count);
        foreach (var name in list) writer.Write(name);
        writer.Write7BitEncodedInt(batch.Metrics.Length);
        foreach (ref readonly var metric in batch.Metrics.Span)
        {
            writer.Write7BitEncodedInt(names[metric.Name]);
            writer.Write(metric.Value);
            writer.Write(metric.Step);
            writer.Write(metric.Timestamp.ToUnixTimeMilliseconds());
        }
    }

    private static SpoolRecord ReadBatch(BinaryReader reader)
    {
        var (run, writer, sequence) = (reader.ReadString(), reader.ReadString(), reader.ReadInt64());
        var names = new string[reader.Read7BitEncodedInt()];
        for (var i = 0; i < names.Length; i++) names[i] = reader.ReadString();
        var metrics = new Metric[reader.Read7BitEncodedInt()];
        for (var i = 0; i < metrics.Length; i++)
        {
            var name = reader.Read7BitEncodedInt();
            if ((uint)name >= (uint)names.Length) throw new InvalidDataException("A measurement without a name.");
            metrics[i] = new Metric(names[name], reader.ReadDouble(), reader.ReadInt64(), DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()));
        }

        return SpoolRecord.Of(new MetricBatch(run, writer, sequence, metrics));
    }

    private static void Write(BinaryWriter writer, string runId, RunChanges changes)
    {
        writer.Write(changes.Origin is null ? ChangesKind : KnownChangesKind);
        writer.Write(runId);
        if (changes.Origin is { } origin)
        {
            writer.Write(origin.WriterId);
            writer.Write(origin.Sequence);
            WriteOptional(writer, changes.Holder);
        }

        WriteOptional(writer, changes.Name);
        WritePairs(writer, [.. changes.Params.Select(param => KeyValuePair.Create(param.Name, param.Value))]);
        writer.Write7BitEncodedInt(changes.RemovedTags.Count);
        foreach (var name in changes.RemovedTags) writer.Write(name);
        WritePairs(writer, changes.Tags);
        writer.Write7BitEncodedInt(changes.Inputs.Count);
        foreach (var (dataset, context) in changes.Inputs)
        {
            writer.Write(dataset.Name);
            writer.Write(dataset.Digest);
            writer.Write(dataset.RowCount);
            writer.Write(DatasetColumnsJson.Write(dataset.Schema));
            WriteOptional(writer, dataset.Source);
            writer.Write(context);
        }

        writer.Write(changes.End is not null);
        if (changes.End is not { } end) return;
        writer.Write((byte)end.Status);
        writer.Write(end.Time.ToUnixTimeMilliseconds());
    }

    private static SpoolRecord ReadChanges(BinaryReader reader, bool isKnown)
    {
        var runId = reader.ReadString();
        var (origin, holder) = isKnown ? (new ChangeOrigin(reader.ReadString(), reader.ReadInt64()), ReadOptional(reader)) : default;
        var name = ReadOptional(reader);
        var parameters = ReadPairs(reader);
        var removed = ReadTexts(reader);
        var tags = ReadPairs(reader);
        var inputs = new DatasetInput[reader.Read7BitEncodedInt()];
        for (var i = 0; i < inputs.Length; i++)
        {
            var (dataset, digest, rows, columns) = (reader.ReadString(), reader.ReadString(), reader.ReadInt64(), reader.ReadString());
            inputs[i] = new DatasetInput(new DatasetReference(dataset, digest, rows, DatasetColumnsJson.Read(columns), ReadOptional(reader)), reader.ReadString());
        }

        RunEnd? end = reader.ReadBoolean() ? new RunEnd((RunStatus)reader.ReadByte(), DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64())) : null;
        return SpoolRecord.Of(runId, new RunChanges
        {
            Name = name,
            Params = [.. parameters.Select(pair => new Param(pair.Key, pair.Value))],
            RemovedTags = removed,
            Tags = tags,
            Inputs = inputs,
            End = end,
            Origin = origin,
            Holder = holder,
        });
    }

    private static void WritePairs(BinaryWriter writer, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        writer.Write7BitEncodedInt(pairs.Count);
        foreach (var (name, value) in pairs)
        {
            writer.Write(name);
            writer.Write(value);
        }
    }

    private static KeyValuePair<string, string>[] ReadPairs(BinaryReader reader)
    {
        var pairs = new KeyValuePair<string, string>[reader.Read7BitEncodedInt()];
        for (var i = 0; i < pairs.Length; i++) pairs[i] = KeyValuePair.Create(reader.ReadString(), reader.ReadString());
        return pairs;
    }

    private static string[] ReadTexts(BinaryReader reader)
    {
        var texts = new string[reader.Read7BitEncodedInt()];
        for (var i = 0; i < texts.Length; i++) texts[i] = reader.ReadString();
        return texts;
    }

    private static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null) writer.Write(text);
    }

    private static string? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
