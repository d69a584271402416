using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>Finds the runs of one page, in whichever of several ways costs least. For one use, within a transaction that sees everything at one moment.</summary>
/// <remarks>
/// <para>A condition that few runs fulfil drives the search: these runs are read and sorted. Which one that is, is found out by counting with a small limit. Otherwise the index
/// of the first key of the order is walked until the page is full. At first each run on the way is looked at by itself; where that does not fill the page within a bounded
/// stretch, and the database gives out numbers quickly, the runs that indexes know to fulfil conditions are gathered as bits; few of them are read and sorted, otherwise the walk
/// goes on over numbers alone and reads what has its bit. Elsewhere the smallest set of runs that fulfil one condition is read and sorted or, where it is large, the walk goes on
/// against it. So conditions that are rarely met together, or only far down the order, do not cost a look into every run.</para>
/// <para>Orders whose first key has no index read and sort all runs that fulfil the conditions.</para>
/// </remarks>
internal sealed partial class RunSearcher
{
    private readonly DbConnection _connection;
    private readonly RelationalDialect _dialect;
    private readonly SearchPlan _plan;
    private readonly RunSearchScope _scope;
    private readonly RunConditions _conditions;
    private readonly RunSearchLimits _limits;
    private readonly List<Set> _sets = [];
    private readonly CancellationToken _cancellationToken;
    private Set? _smallest;

    private RunSearcher(DbConnection connection, RelationalDialect dialect, SearchPlan plan, RunSearchScope scope, RunSearchLimits limits, CancellationToken cancellationToken)
    {
        (_connection, _dialect, _plan, _scope, _limits, _cancellationToken) = (connection, dialect, plan, scope, limits, cancellationToken);
        _conditions = new RunConditions(scope, plan);
        _isScanning = limits.IsScanning ?? dialect.ScansQuickly;
        if (_conditions.AreNeverMet) return;
        foreach (var condition in plan.Conditions)
        {
            if (_conditions.ToSet(new SearchStatement(dialect), condition) is not null) _sets.Add(new Set([condition], statement => _conditions.ToSet(statement, condition)!));
        }

        if (_conditions.ExperimentsToSet() is { } experiments) _sets.Add(new Set([], _ => experiments));
    }

    public static async Task<Page<RunSnapshot>> SearchAsync(
        DbConnection connection, RelationalDialect dialect, RunQuery query, SearchPlan plan, RunSearchLimits limits, CancellationToken cancellationToken)
    {
        var scope = await RunSearchScope.ReadAsync(connection, query, plan, cancellationToken).ConfigureAwait(false);
        var rows = await new RunSearcher(connection, dialect, plan, scope, limits, cancellationToken).FindAsync().ConfigureAwait(false);
        var hasMore = rows.Count > plan.MaxResults;
        if (hasMore) rows.RemoveRange(plan.MaxResults, rows.Count - plan.MaxResults);
        var runs = await RunReader.CompleteAsync(connection, rows, cancellationToken).ConfigureAwait(false);
        return new Page<RunSnapshot>(runs, hasMore ? plan.CreateToken([.. plan.Order.Select(key => RunSearch.Accessor.Read(runs[^1], key.Field))]) : null);
    }

    private async Task<List<RunRow>> FindAsync()
    {
        if (_conditions.AreNeverMet || _scope.Experiments is { Count: 0 }) return [];
        // Several conditions are met together more rarely, so that walking pays later.
        var fewRuns = Math.Min(_limits.SortableRuns, _limits.FewRuns * Math.Max(1, _plan.Conditions.Count));
        if (await FindSmallestAsync(fewRuns).ConfigureAwait(false) is { } few) return await SortAsync(few, _plan.Order, _plan.After, null, Wanted).ConfigureAwait(false);
        return _plan.Order[0].Field switch
        {
            { Entity: SearchEntity.Metric } field when _scope.Metrics.TryGetValue(field.Key, out var metric) => await WalkMetricAsync(metric).ConfigureAwait(false),
            { Entity: SearchEntity.Attribute, Key: "start_time" } => await WalkStartAsync().ConfigureAwait(false),
            _ => await SortAsync(_sets.FirstOrDefault(), _plan.Order, _plan.After, null, Wanted).ConfigureAwait(false),
        };
    }

    private int Wanted => _plan.MaxResults + 1;

    /// <summary>Finds the smallest of the sets that indexes serve.</summary>
    /// <param name="limit">How far it is counted.</param>
    /// <returns>The set; <see langword="null"/> when none is as small as the limit.</returns>
    private async Task<Set?> FindSmallestAsync(int limit)
    {
        var (smallest, fewest) = (default(Set), (long)limit);
        foreach (var set in _sets)
        {
            var statement = new SearchStatement(_dialect);
            var sql = string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) FROM ({set.ToSql(statement)} LIMIT {fewest + 1}) AS c");
            var count = (await _connection.QueryOnceAsync(sql, reader => reader.GetInt64(0), _cancellationToken, statement.Parameters).ConfigureAwait(false))[0];
            if (count <= fewest) (smallest, fewest) = (set, count);
        }

        return smallest;
    }

    /// <summary>Reads the runs that fulfil everything, and sorts them.</summary>
    /// <param name="driver">The set of runs to begin with; <see langword="null"/> to look at all of the experiments.</param>
    /// <param name="keys">What they are sorted by.</param>
    /// <param name="after">Behind which keys they come.</param>
    /// <param name="also">A further condition.</param>
    /// <param name="limit">How many are wanted.</param>
    private Task<List<RunRow>> SortAsync(Set? driver, IEnumerable<SearchOrder> keys, IReadOnlyList<SearchKey>? after, Func<SearchStatement, string>? also, int limit)
    {
        var statement = new SearchStatement(_dialect);
        var order = RunOrder.Of(statement, _scope, keys);
        var conditions = new List<string> { _conditions.OfScope(isIndexed: driver is null) };
        if (driver is not null) conditions.Add($"r.number IN ({driver.ToSql(statement)})");
        conditions.AddRange(_plan.Conditions.Where(condition => driver?.Met.Contains(condition) != true)
            .Select(condition => _conditions.OfRun(statement, condition, "r.number")).Select(condition => driver?.IsListed == true ? $"({condition}) IS TRUE" : condition));
        if (also is not null) conditions.Add(also(statement));
        if (after is not null) conditions.Add(statement.After(order.Columns, after));
        return QueryAsync(statement, "runs r" + order.Joins, conditions, order.Terms, limit);
    }

    /// <summary>Walks the runs by their start.</summary>
    private async Task<List<RunRow>> WalkStartAsync()
    {
        return await WalkAsync(WalkOfStart()).ConfigureAwait(false) ?? await SortAsync(_smallest, _plan.Order, _plan.After, null, Wanted).ConfigureAwait(false);
    }

    private Walk WalkOfStart() => new("runs r", "r.start_time", "r.number", _ => [_conditions.OfScope(isIndexed: true)], _ => [_conditions.OfOnlyExperiment], WalkStartAsync);

    private Task<List<RunRow>> WalkStartAsync(Stretch stretch, Set? set, int limit)
    {
        var (statement, isDescending) = (new SearchStatement(_dialect), _plan.Order[0].IsDescending);
        var order = RunOrder.Of(statement, _scope, _plan.Order);
        var conditions = new List<string> { _conditions.OfScope(isIndexed: _scope.Experiments is { Count: 1 }) };
        conditions.AddRange(stretch.ToSql(statement, "r.start_time", isDescending));
        AddAfter(conditions, statement, order.Columns, "r.start_time", isDescending);
        AddConditions(conditions, statement, "r.number", set);
        return QueryAsync(statement, "runs r" + order.Joins, conditions, order.Terms, limit);
    }

    /// <summary>Walks the runs by the latest value of a metric: its numbers, then those with NaN, then those without it.</summary>
    private async Task<List<RunRow>> WalkMetricAsync(long metric)
    {
        var rows = new List<RunRow>();
        var rank = _plan.After is { } after ? SearchColumn.RankOf(after[0]) : 0;
        if (rank == 0)
        {
            Func<SearchStatement, IEnumerable<string>> where = statement => [$"w.name = {statement.Add(metric)}", "w.is_nan = 0"];
            var walk = new Walk("latest_metrics w", "w.value", "w.run", where, where, (stretch, set, limit) => WalkMetricAsync(metric, isNaN: false, stretch, set, limit));
            if (await WalkAsync(walk).ConfigureAwait(false) is not { } numbers) return await SortAsync(_smallest, _plan.Order, _plan.After, null, Wanted).ConfigureAwait(false);
            rows = numbers;
        }

        if (rank <= 1 && rows.Count < Wanted)
        {
            var limit = Wanted - rows.Count;
            rows.AddRange(await ScanRestAsync(metric, isNaN: true, limit).ConfigureAwait(false) ?? await WalkMetricAsync(metric, isNaN: true, default, null, limit).ConfigureAwait(false));
        }

        if (rows.Count < Wanted)
        {
            rows.AddRange(await ScanRestAsync(metric, isNaN: false, Wanted - rows.Count).ConfigureAwait(false) ?? await SortAsync(
                _smallest ?? _sets.FirstOrDefault(),
                _plan.Order.Skip(1),
                rank == 2 ? [.. _plan.After!.Skip(1)] : null,
                statement => $"NOT EXISTS (SELECT 1 FROM latest_metrics w WHERE w.run = r.number AND w.name = {statement.Add(metric)})",
                Wanted - rows.Count).ConfigureAwait(false));
        }

        return rows;
    }

    private Task<List<RunRow>> WalkMetricAsync(long metric, bool isNaN, Stretch stretch, Set? set, int limit)
    {
        var (statement, isDescending) = (new SearchStatement(_dialect), _plan.Order[0].IsDescending);
        var rest = RunOrder.Of(statement, _scope, _plan.Order.Skip(1));
        var conditions = new List<string> { $"w.name = {statement.Add(metric)}", $"w.is_nan = {(isNaN ? 1 : 0)}" };
        conditions.AddRange(stretch.ToSql(statement, "w.value", isDescending));
        var rank = _plan.After is { } after ? SearchColumn.RankOf(after[0]) : -1;
        if (isNaN && rank == 1) conditions.Add(statement.After(rest.Columns, [.. _plan.After!.Skip(1)]));
        if (!isNaN && rank == 0) AddAfter(conditions, statement, [new SearchColumn(null, "w.value", SearchColumnKind.Number, isDescending), .. rest.Columns], "w.value", isDescending);
        AddConditions(conditions, statement, "w.run", set);
        conditions.Add("r.number = w.run");
        conditions.Add(_conditions.OfScope(isIndexed: false));
        return QueryAsync(statement, "latest_metrics w CROSS JOIN runs r" + rest.Joins, conditions, $"w.value{(isDescending ? " DESC" : "")}, {rest.Terms}", limit);
    }

    /// <summary>Walks an index in stretches: run by run as long as that promises to fill the page soon, then against the smallest set.</summary>
    /// <returns>The rows; <see langword="null"/> when sorting the smallest set costs less.</returns>
    private async Task<List<RunRow>?> WalkAsync(Walk walk)
    {
        var start = _plan.After?[0].Number is { } number ? ToValue(_plan.Order[0], number) : null;
        var bound = await FindBoundAsync(walk, start, _limits.FirstStretch).ConfigureAwait(false);
        var rows = await walk.ReadAsync(new Stretch(null, bound), null, Wanted).ConfigureAwait(false);
        if (bound is not null && rows.Count < Wanted && rows.Count >= Wanted / _limits.Promising)
        {
            var next = await FindBoundAsync(walk, bound, _limits.SecondStretch).ConfigureAwait(false);
            rows.AddRange(await walk.ReadAsync(new Stretch(bound, next), null, Wanted - rows.Count).ConfigureAwait(false));
            bound = next;
        }

        if (bound is null || rows.Count >= Wanted) return rows;
        if (await FindBitsAsync().ConfigureAwait(false) is { } bits)
        {
            if (bits.Count <= _limits.FewRuns)
            {
                _smallest = ToSet([.. bits]);
                return null;
            }

            if (await ScanAsync(walk, bound, _plan.Order, _plan.After, bits, Wanted - rows.Count).ConfigureAwait(false) is { } others) return [.. rows, .. others];
        }

        _smallest = await FindSmallestAsync(_limits.SortableRuns).ConfigureAwait(false);
        if (_smallest is not null) return null;
        _smallest = await FindSmallestAsync(int.MaxValue).ConfigureAwait(false);
        rows.AddRange(await walk.ReadAsync(new Stretch(bound, null), _smallest is { Met.Count: > 0 } ? _smallest : null, Wanted - rows.Count).ConfigureAwait(false));
        return rows;
    }

    /// <summary>Finds the value to which a stretch of an index goes; <see langword="null"/> when it goes to the end.</summary>
    private async Task<object?> FindBoundAsync(Walk walk, object? start, int length)
    {
        if (_plan.Conditions.Count == 0 && _scope.Experiments is null) return null;
        var (statement, isDescending) = (new SearchStatement(_dialect), _plan.Order[0].IsDescending);
        var conditions = walk.Where(statement).ToList();
        if (start is not null) conditions.Add($"{walk.Column} {(isDescending ? "<=" : ">=")} {statement.Add(start)}");
        var sql = string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT {walk.Column} FROM {walk.From} WHERE {string.Join(" AND ", conditions)} ORDER BY {walk.Column}{(isDescending ? " DESC" : "")} LIMIT 1 OFFSET {length}");
        var found = await _connection.QueryOnceAsync(sql, reader => reader.GetValue(0), _cancellationToken, statement.Parameters).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    private void AddAfter(List<string> conditions, SearchStatement statement, IReadOnlyList<SearchColumn> columns, string first, bool isDescending)
    {
        if (_plan.After is not { } after) return;
        // The plain bound lets the walk begin there; what it does not exclude, the other condition does.
        if (columns[0].ToParameter(after[0]) is { } start) conditions.Add($"{first} {(isDescending ? "<=" : ">=")} {statement.Add(start)}");
        conditions.Add(statement.After(columns, after));
    }

    private void AddConditions(List<string> conditions, SearchStatement statement, string run, Set? set)
    {
        // The sign keeps the set from being walked instead of the order.
        if (set is not null) conditions.Add($"+{run} IN ({set.ToSql(statement)})");
        conditions.AddRange(_plan.Conditions.Where(condition => set?.Met.Contains(condition) != true).Select(condition => _conditions.OfRun(statement, condition, run)));
    }

    private Task<List<RunRow>> QueryAsync(SearchStatement statement, string from, IEnumerable<string> conditions, string order, int limit)
    {
        var sql = string.Create(CultureInfo.InvariantCulture, $"SELECT {RunRow.Columns} FROM {from} WHERE {string.Join(" AND ", conditions)} ORDER BY {order} LIMIT {limit}");
        return _connection.QueryOnceAsync(sql, RunRow.Read, _cancellationToken, statement.Parameters);
    }

    /// <summary>Runs, of any experiment, that fulfil conditions.</summary>
    /// <param name="Met">The conditions that all of them fulfil; none for the runs of the experiments.</param>
    /// <param name="ToSql">Makes the statement that reads their numbers.</param>
    private sealed record Set(IReadOnlyList<SearchCondition> Met, Func<SearchStatement, string> ToSql)
    {
        /// <summary>Gets whether they are listed one by one. SQLite would turn the other conditions on them into sets of all runs that fulfil them.</summary>
        public bool IsListed { get; init; }
    }

    /// <summary>An index that is walked.</summary>
    /// <param name="From">Its table.</param>
    /// <param name="Column">The column it is ordered by.</param>
    /// <param name="Number">The column of the run.</param>
    /// <param name="Where">Which part of it.</param>
    /// <param name="Covered">Which part of it, as far as the index itself tells.</param>
    /// <param name="ReadAsync">Reads the runs of a stretch, against a set or run by run, up to a number.</param>
    private sealed record Walk(
        string From,
        string Column,
        string Number,
        Func<SearchStatement, IEnumerable<string>> Where,
        Func<SearchStatement, IEnumerable<string>> Covered,
        Func<Stretch, Set?, int, Task<List<RunRow>>> ReadAsync);

    /// <summary>A part of an index.</summary>
    /// <param name="Beyond">The value it begins behind; <see langword="null"/> for the beginning.</param>
    /// <param name="UpTo">The last value; <see langword="null"/> for the end.</param>
    private readonly record struct Stretch(object? Beyond, object? UpTo)
    {
        public IEnumerable<string> ToSql(SearchStatement statement, string column, bool isDescending)
        {
            if (Beyond is not null) yield return $"{column} {(isDescending ? "<" : ">")} {statement.Add(Beyond)}";
            if (UpTo is not null) yield return $"{column} {(isDescending ? ">=" : "<=")} {statement.Add(UpTo)}";
        }
    }
}
