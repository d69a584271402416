using Mlops.Data;

namespace Mlops.Tracking.Tests;

public sealed class SpoolFileTests : IDisposable
{
    private const long NoLimit = long.MaxValue;
    private static readonly string s_store = new('a', 32);

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-spool-").FullName;
    private readonly SpoolOptions _options = new();

    private string File1 => Path.Combine(_folder, "1.spool");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Append_EveryKindOfEntry_IsReadAsItWas()
    {
        var schema = new DataSchema([new ColumnSchema("größe", ElementType.Float64) { IsNullable = true }, new ColumnSchema("y", ElementType.Int64, ColumnRole.Label)]);
        Metric[] metrics =
        [
            new("loss", double.NaN, -5, DateTimeOffset.FromUnixTimeMilliseconds(1)), new("日本", double.PositiveInfinity, long.MaxValue, DateTimeOffset.FromUnixTimeMilliseconds(-1)),
            new("loss", -0.0, long.MinValue, DateTimeOffset.FromUnixTimeMilliseconds(253402300799999)), new("loss", double.Epsilon, 0, DateTimeOffset.UnixEpoch),
        ];
        var changes = new RunChanges
        {
            Name = "ä😀",
            Params = [new Param("p", ""), new Param("q", new string('x', 6000))],
            Tags = [KeyValuePair.Create("t", "1"), KeyValuePair.Create("t", "2")],
            RemovedTags = ["old"],
            Inputs = [new DatasetInput(new DatasetReference("d", new string('0', 64), 7, schema, "a.csv"), "training"), new DatasetInput(new DatasetReference("d", "", 0, schema), "test")],
            End = new RunEnd(RunStatus.Failed, DateTimeOffset.FromUnixTimeMilliseconds(123)),
        };
        using (var file = SpoolFile.Create(_options, File1, s_store))
        {
            file.Append([SpoolRecord.Of(new MetricBatch("r", "w", 3, metrics)), SpoolRecord.Of("r", changes)], NoLimit);
            file.Append([SpoolRecord.Of("s", new RunChanges())], NoLimit);
        }

        using var adopted = SpoolFile.TryAdopt(_options, File1, s_store)!;
        var records = ReadAll(adopted);
        Assert.Equal(["r", "r", "s"], records.Select(record => record.RunId));
        Assert.Equal(("r", "w", 3L), (records[0].Batch!.RunId, records[0].Batch!.WriterId, records[0].Batch!.Sequence));
        Assert.Equal(metrics, records[0].Batch!.Metrics.ToArray());
        Assert.Equivalent(changes, records[1].Changes, strict: true);
        Assert.Equivalent(new RunChanges(), records[2].Changes, strict: true);
    }

    /// <summary>Somebody who looked for files to adopt held the new one for a moment.</summary>
    [Fact]
    public void Create_LockFailedWhenTheFileWasMade_TakesTheFile()
    {
        var refusals = 2;
        var options = new SpoolOptions();
        var open = options.Open;
        options.Open = (path, mode) =>
        {
            if (refusals == 0) return open(path, mode);
            refusals--;
            if (mode == FileMode.CreateNew) open(path, mode).Dispose();
            throw new IOException("The file is being used by another process.");
        };
        Assert.Throws<IOException>(() => SpoolFile.Create(options, File1, s_store));
        Assert.True(File.Exists(File1));
        using (var file = SpoolFile.Create(options, File1, s_store)) file.Append([SpoolRecord.Of("r", new RunChanges { Name = "n" })], NoLimit);
        // What holds something is never taken so.
        Assert.Throws<IOException>(() => SpoolFile.Create(options, File1, s_store));
        using var adopted = SpoolFile.TryAdopt(_options, File1, s_store)!;
        Assert.Equal("n", Assert.Single(ReadAll(adopted)).Changes!.Name);
    }

    [Fact]
    public void TryAdopt_FileInUseOrOfAnotherStoreOrUnfinished_ReturnsNull()
    {
        using (var file = SpoolFile.Create(_options, File1, s_store))
        {
            Assert.Null(SpoolFile.TryAdopt(_options, File1, s_store));
        }

        Assert.Null(SpoolFile.TryAdopt(_options, File1, new string('b', 32)));
        Assert.Null(SpoolFile.TryAdopt(_options, Path.Combine(_folder, "absent"), s_store));
        var unfinished = Path.Combine(_folder, "unfinished");
        foreach (var length in new[] { 0, 1, 50, SpoolFile.HeaderLength - 1 })
        {
            File.WriteAllBytes(unfinished, File.ReadAllBytes(File1)[..length]);
            Assert.Null(SpoolFile.TryAdopt(_options, unfinished, s_store));
        }

        using var ours = SpoolFile.TryAdopt(_options, File1, s_store);
        Assert.NotNull(ours);
    }

    [Fact]
    public void Read_LastWriteInterruptedAnywhere_GivesTheRecordsBeforeIt()
    {
        // What an append has written before it is acknowledged: the header is that of two records.
        var two = Write(2);
        File.Delete(File1);
        var whole = Write(3);
        two.AsSpan(0, SpoolFile.HeaderLength).CopyTo(whole);
        for (var length = two.Length; length < whole.Length; length++)
        {
            File.WriteAllBytes(File1, whole[..length]);
            using var file = SpoolFile.TryAdopt(_options, File1, s_store)!;
            Assert.Equal([1L, 2], ReadAll(file).Select(record => record.Batch!.Sequence));
            Assert.False(file.IsDamaged);
            // What follows is written over what was cut.
            file.Append([Record(9)], NoLimit);
            Assert.Equal([1L, 2, 9], ReadAll(file).Select(record => record.Batch!.Sequence));
        }
    }

    [Fact]
    public void Read_AcknowledgedRecordMissingOrDamagedAtTheEnd_GivesTheOthersAndKeepsTheFile()
    {
        var whole = Write(3);
        var lastStart = (int)RecordEnds(whole)[1];
        for (var at = lastStart; at < whole.Length; at++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[at] ^= 0x41;
            foreach (var damaged in new[] { flipped, whole[..at] })
            {
                File.WriteAllBytes(File1, damaged);
                var file = SpoolFile.TryAdopt(_options, File1, s_store)!;
                Assert.Equal([1L, 2], ReadAll(file).Select(record => record.Batch!.Sequence));
                Assert.True(file.IsDamaged);
                file.Remove();
                Assert.False(File.Exists(File1));
                Assert.Equal(damaged, File.ReadAllBytes(File1 + ".damaged"));
                File.Delete(File1 + ".damaged");
            }
        }
    }

    [Fact]
    public void Read_AnyByteOfTheHeaderDamaged_GivesAllRecords()
    {
        var whole = Write(3);
        for (var at = 0; at < SpoolFile.HeaderLength; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x41;
            File.WriteAllBytes(File1, damaged);
            using var file = SpoolFile.TryAdopt(_options, File1, s_store)!;
            Assert.Equal([1L, 2, 3], ReadAll(file).Select(record => record.Batch!.Sequence));
            // What the mark and the acknowledged place say is known otherwise.
            Assert.Equal(at < 44, file.IsDamaged);
        }
    }

    [Fact]
    public void Remove_DamagedMoreThanOnce_KeepsEachFile()
    {
        for (var i = 0; i < 3; i++)
        {
            File.WriteAllText(File1, new string((char)('a' + i), 200));
            var file = SpoolFile.TryAdopt(_options, File1, s_store)!;
            Assert.Empty(ReadAll(file));
            Assert.True(file.IsDamaged);
            file.Remove();
        }

        Assert.Equal(["aaa", "bbb", "ccc"], Directory.GetFiles(_folder, "*.damaged").Select(path => File.ReadAllText(path)[..3]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Append_ChangesLargerThanARecordShouldBe_AreDividedWithTheEndLast()
    {
        var changes = new RunChanges
        {
            Name = "n",
            Params = [new Param("p", "1")],
            Tags = [.. Enumerable.Range(0, 6000).Select(i => KeyValuePair.Create($"t{i}", new string('x', 8000)))],
            End = new RunEnd(RunStatus.Finished, DateTimeOffset.FromUnixTimeMilliseconds(123)),
        };
        using (var file = SpoolFile.Create(_options, File1, s_store))
        {
            file.Append([SpoolRecord.Of("r", changes), Record(1)], NoLimit);
            Assert.Throws<StorageException>(() => file.Append([SpoolRecord.Of("r", changes)], 70_000_000));
        }

        using var adopted = SpoolFile.TryAdopt(_options, File1, s_store)!;
        var records = ReadAll(adopted);
        Assert.False(adopted.IsDamaged);
        Assert.True(records.Count > 5);
        Assert.Equal(1, records[^1].Batch!.Sequence);
        var parts = records.SkipLast(1).Select(record => record.Changes!).ToArray();
        Assert.All(parts, part => Assert.InRange(part.CountBytes(), 0, 1 << 24));
        Assert.Equal(changes.Tags, parts.SelectMany(part => part.Tags));
        Assert.Equal(changes.Params, parts.SelectMany(part => part.Params));
        Assert.Equal((changes.End, "n"), (parts[^1].End, parts.Single(part => part.Name is not null).Name));
        Assert.Single(parts, part => part.End is not null);
    }

    [Fact]
    public void Create_OnUnix_IsTheUsersAlone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such permissions.");
            return;
        }

        SpoolFile.Create(_options, File1, s_store).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File1));
    }

    [Fact]
    public void Read_AnyByteDamaged_GivesAllOtherRecordsAndKeepsTheFile()
    {
        var whole = Write(4);
        var ends = RecordEnds(whole);
        // Every byte of the second record: its marker, length, checksum and content.
        for (var at = (int)ends[0]; at < ends[1]; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x41;
            File.WriteAllBytes(File1, damaged);
            var file = SpoolFile.TryAdopt(_options, File1, s_store)!;
            Assert.Equal([1L, 3, 4], ReadAll(file).Select(record => record.Batch!.Sequence));
            Assert.True(file.IsDamaged);
            file.Remove();
            Assert.Equal(damaged, File.ReadAllBytes(File1 + ".damaged"));
            File.Delete(File1 + ".damaged");
        }
    }

    [Fact]
    public void Mark_Adopted_GoesOnThereUnlessTheMarkIsDamaged()
    {
        Write(3);
        using (var file = SpoolFile.TryAdopt(_options, File1, s_store)!)
        {
            var position = file.Delivered;
            file.Read(ref position);
            file.Mark(position);
        }

        using (var file = SpoolFile.TryAdopt(_options, File1, s_store)!) Assert.Equal([2L, 3], ReadAll(file).Select(record => record.Batch!.Sequence));
        var bytes = File.ReadAllBytes(File1);
        bytes[50] ^= 1;
        File.WriteAllBytes(File1, bytes);
        using (var file = SpoolFile.TryAdopt(_options, File1, s_store)!) Assert.Equal([1L, 2, 3], ReadAll(file).Select(record => record.Batch!.Sequence));
    }

    [Fact]
    public void Append_OverTheLimit_ThrowsAndKeepsWhatIsThere()
    {
        using var file = SpoolFile.Create(_options, File1, s_store);
        file.Append([Record(1)], 4096);
        var error = Assert.Throws<StorageException>(() => file.Append([Record(2, 1000)], 4096));
        Assert.Contains("MaxBytes", error.Message, StringComparison.Ordinal);
        Assert.Equal([1L], ReadAll(file).Select(record => record.Batch!.Sequence));
    }

    [Fact]
    public void Append_DiskFullInTheMiddle_ThrowsAndKeepsWhatIsThere()
    {
        var disk = new SmallDisk { Room = 700 };
        _options.Open = disk.Open;
        using var file = SpoolFile.Create(_options, File1, s_store);
        var written = 0;
        while (true)
        {
            try
            {
                file.Append([Record(written + 1, 3)], NoLimit);
                written++;
            }
            catch (StorageException error)
            {
                Assert.Contains("disk", error.Message, StringComparison.Ordinal);
                break;
            }
        }

        Assert.True(written > 1);
        Assert.Equal(Enumerable.Range(1, written).Select(i => (long)i), ReadAll(file).Select(record => record.Batch!.Sequence));
        disk.Room = 100_000;
        file.Append([Record(100)], NoLimit);
        Assert.Equal([.. Enumerable.Range(1, written).Select(i => (long)i), 100], ReadAll(file).Select(record => record.Batch!.Sequence));
    }

    [Fact]
    public void Reset_EverythingDelivered_LeavesNothing()
    {
        Write(3);
        using (var file = SpoolFile.TryAdopt(_options, File1, s_store)!)
        {
            file.Reset();
            Assert.Equal(0, file.Waiting);
            file.Append([Record(4)], NoLimit);
        }

        using var again = SpoolFile.TryAdopt(_options, File1, s_store)!;
        Assert.Equal([4L], ReadAll(again).Select(record => record.Batch!.Sequence));
    }

    private static SpoolRecord Record(long sequence, int metrics = 2)
        => SpoolRecord.Of(new MetricBatch("run", "writer", sequence, Enumerable.Range(0, metrics).Select(i => new Metric("m", i, i, DateTimeOffset.UnixEpoch)).ToArray()));

    private static List<SpoolRecord> ReadAll(SpoolFile file)
    {
        var (records, position) = (new List<SpoolRecord>(), file.Delivered);
        while (file.Read(ref position) is { } record) records.Add(record);
        return records;
    }

    private byte[] Write(int records)
    {
        using (var file = SpoolFile.Create(_options, File1, s_store))
        {
            for (var i = 1; i <= records; i++) file.Append([Record(i)], NoLimit);
        }

        return File.ReadAllBytes(File1);
    }

    private List<long> RecordEnds(byte[] whole)
    {
        File.WriteAllBytes(File1, whole);
        using var file = SpoolFile.TryAdopt(_options, File1, s_store)!;
        var (ends, position) = (new List<long>(), file.Delivered);
        while (file.Read(ref position) is not null) ends.Add(position);
        return ends;
    }
}
