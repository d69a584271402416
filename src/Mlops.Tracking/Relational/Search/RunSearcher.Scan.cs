using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The ways over numbers alone: the runs that conditions keep as bits, and walks along an index that read only the runs that have theirs.</summary>
internal sealed partial class RunSearcher
{
    private readonly bool _isScanning;
    private readonly List<SearchCondition> _scanned = [];
    private RunBits? _bits;
    private bool _isAllScanned;

    /// <summary>Finds the runs that fulfil all conditions whose indexes tell it alone.</summary>
    /// <returns>The runs, among them perhaps some that do not fulfil the others; <see langword="null"/> when there is no such condition, or numbers are not read quickly.</returns>
    private async Task<RunBits?> FindBitsAsync()
    {
        if (_bits is not null || !_isScanning) return _bits;
        foreach (var condition in _plan.Conditions.Where(RunConditions.IsCovered)) await ScanSetAsync(condition).ConfigureAwait(false);
        if (_bits is null) await ScanAllAsync().ConfigureAwait(false);
        return _bits;
    }

    /// <summary>Narrows the runs by what costs more to scan: conditions whose indexes are read with their tables, and the experiments, which mostly keep all there is.</summary>
    private async Task ScanAllAsync()
    {
        if (_isAllScanned) return;
        _isAllScanned = true;
        foreach (var condition in _plan.Conditions.Where(condition => !RunConditions.IsCovered(condition))) await ScanSetAsync(condition).ConfigureAwait(false);
        if (_conditions.ExperimentsToSet() is { } sql) await ScanSetAsync(new SearchStatement(_dialect), sql).ConfigureAwait(false);
    }

    private async Task ScanSetAsync(SearchCondition condition)
    {
        var statement = new SearchStatement(_dialect);
        if (_conditions.ToSet(statement, condition) is not { } sql) return;
        await ScanSetAsync(statement, sql).ConfigureAwait(false);
        _scanned.Add(condition);
    }

    private async Task ScanSetAsync(SearchStatement statement, string sql)
    {
        var (before, found) = (_bits, new RunBits());
        await ScanAsync(statement, sql, (run, _) =>
        {
            if (before?.Contains(run) != false) found.Add(run);
            return true;
        }).ConfigureAwait(false);
        _bits = found;
    }

    // Numbers that the database gave out, so they can stand in the text.
    private Set ToSet(List<long> runs)
        => new([.. _scanned], _ => runs.Count == 0 ? "NULL" : string.Join(',', runs.Select(run => run.ToString(CultureInfo.InvariantCulture)))) { IsListed = true };

    private Task<List<RunRow>> SortListAsync(List<long> runs, IEnumerable<SearchOrder> keys, IReadOnlyList<SearchKey>? after, int limit)
        => runs.Count == 0 ? Task.FromResult<List<RunRow>>([]) : SortAsync(ToSet(runs), keys, after, null, limit);

    /// <summary>Walks an index over its numbers alone, and reads those runs that have their bit, as many at once as the page still needs.</summary>
    /// <param name="walk">The index.</param>
    /// <param name="beyond">The value the walk begins behind; <see langword="null"/> for the beginning.</param>
    /// <param name="keys">The keys of the order, the one of the index first.</param>
    /// <param name="after">Behind which keys the runs come.</param>
    /// <param name="bits">The runs; those that conditions do not keep do not count.</param>
    /// <param name="limit">How many are wanted.</param>
    /// <returns>The rows; <see langword="null"/> when more runs are equal in the first key than can be listed.</returns>
    private async Task<List<RunRow>?> ScanAsync(Walk walk, object? beyond, IReadOnlyList<SearchOrder> keys, IReadOnlyList<SearchKey>? after, RunBits bits, int limit)
    {
        var (rows, size, isDescending) = (new List<RunRow>(), Math.Min(limit, _limits.ListedRuns), keys[0].IsDescending);
        var from = beyond is null && after?[0].Number is { } number ? ToValue(keys[0], number) : null;
        while (true)
        {
            var statement = new SearchStatement(_dialect);
            var conditions = walk.Covered(statement).Concat(new Stretch(beyond, null).ToSql(statement, walk.Column, isDescending)).ToList();
            if (from is not null && beyond is null) conditions.Add($"{walk.Column} {(isDescending ? "<=" : ">=")} {statement.Add(from)}");
            var sql = $"SELECT {walk.Number}, {walk.Column} FROM {walk.From} WHERE {string.Join(" AND ", conditions)} ORDER BY {walk.Column}{(isDescending ? " DESC" : "")}";
            var (runs, last, isEnd) = (new List<long>(), 0.0, true);
            await ScanAsync(statement, sql, (run, value) =>
            {
                if (!bits.Contains(run) || !_bits!.Contains(run)) return true;
                // Runs that are equal in the first key are sorted by the others together.
                if (runs.Count >= size && value != last) return isEnd = false;
                runs.Add(run);
                last = value;
                return isEnd = runs.Count <= _limits.ListedRuns;
            }).ConfigureAwait(false);
            if (runs.Count > _limits.ListedRuns) return null;
            var found = await SortListAsync(runs, keys, after, limit - rows.Count).ConfigureAwait(false);
            rows.AddRange(found);
            if (isEnd || rows.Count >= limit) return rows;
            beyond = ToValue(keys[0], last);
            var expected = (long)(limit - rows.Count) * runs.Count / Math.Max(1, found.Count);
            if (expected > _limits.CheckedRuns) await ScanAllAsync().ConfigureAwait(false);
            size = (int)Math.Min(Math.Max(expected * 5 / 4, 2L * size), _limits.ListedRuns);
        }
    }

    /// <summary>Reads the runs whose metric is NaN, which come after the numbers, or those that do not have it, which come last.</summary>
    /// <returns>The rows; <see langword="null"/> when they have to be found in another way.</returns>
    private async Task<List<RunRow>?> ScanRestAsync(long metric, bool isNaN, int limit)
    {
        if (await FindBitsAsync().ConfigureAwait(false) is not { } bits) return null;
        var (statement, rest) = (new SearchStatement(_dialect), new RunBits());
        if (!isNaN) foreach (var run in bits) rest.Add(run);
        // Without a metric are those that are in neither part of its index.
        await ScanAsync(statement, $"SELECT w.run FROM latest_metrics w WHERE w.name = {statement.Add(metric)} AND w.is_nan {(isNaN ? "= 1" : "IN (0, 1)")}", (run, _) =>
        {
            if (!isNaN) rest.Remove(run);
            else if (bits.Contains(run)) rest.Add(run);
            return isNaN || rest.Count > 0;
        }).ConfigureAwait(false);
        SearchOrder[] keys = [.. _plan.Order.Skip(1)];
        IReadOnlyList<SearchKey>? after = _plan.After is { } all && SearchColumn.RankOf(all[0]) == (isNaN ? 1 : 2) ? [.. all.Skip(1)] : null;
        if (rest.Count > _limits.FewRuns && keys[0].Field is { Entity: SearchEntity.Attribute, Key: "start_time" })
            return await ScanAsync(WalkOfStart(), null, keys, after, rest, limit).ConfigureAwait(false);
        return rest.Count > _limits.ListedRuns ? null : await SortListAsync([.. rest], keys, after, limit).ConfigureAwait(false);
    }

#pragma warning disable CA1859 // A boxed double or a boxed long, which the rule takes for doubles only.
    private static object ToValue(SearchOrder key, double number)
#pragma warning restore CA1859
    {
        if (key.Field.Entity == SearchEntity.Metric) return number;
        return (long)number;
    }

    private async Task ScanAsync(SearchStatement statement, string sql, Func<long, double, bool> visit)
    {
        var command = _connection.Command(sql, statement.Parameters);
        await using (command.ConfigureAwait(false)) await _dialect.ScanAsync(command, visit, _cancellationToken).ConfigureAwait(false);
    }
}
