using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The checks of filters and orders that were built otherwise than from text, or from the text of another search.</summary>
internal static class SearchRules
{
    /// <exception cref="ArgumentException">The filter is not one of these things.</exception>
    public static void Check(SearchSubject subject, SearchFilter filter)
    {
        if (filter.Conditions.Count > SearchPlan.MaxConditions)
            throw Wrong(string.Create(CultureInfo.InvariantCulture, $"A filter has at most {SearchPlan.MaxConditions} conditions, this one {filter.Conditions.Count}; search with fewer."));
        var listed = 0;
        foreach (var condition in filter.Conditions)
        {
            ArgumentNullException.ThrowIfNull(condition, nameof(filter));
            if (subject.KindOf(condition.Field) is not { } kind || kind == SearchFieldKind.OrderOnly)
                throw Wrong($"Searches of {subject.Name} are not filtered by {condition.Field}; attributes are {subject.DescribeAttributes(orderable: false)}.");
            if (!SearchSubject.Takes(kind, condition.Operator))
                throw Wrong($"{condition.Field} takes {SearchSubject.OperatorsOf(kind)}, not {condition.Operator}.");
            CheckKey(condition.Field);
            CheckValue(condition, kind);
            listed += condition.Value.List?.Count ?? 0;
        }

        if (listed > SearchPlan.MaxListTexts)
            throw Wrong(string.Create(CultureInfo.InvariantCulture, $"The lists of a filter have at most {SearchPlan.MaxListTexts} texts together, these have {listed}; search several times."));
    }

    /// <summary>Adds to an order what tells equal things apart.</summary>
    /// <exception cref="ArgumentException">The order is not one of these things, or has a field twice.</exception>
    public static IReadOnlyList<SearchOrder> Complete(SearchSubject subject, IReadOnlyList<SearchOrder> orderBy)
    {
        if (orderBy.Count > SearchPlan.MaxOrderKeys)
            throw WrongOrder(string.Create(CultureInfo.InvariantCulture, $"An order has at most {SearchPlan.MaxOrderKeys} fields, this one {orderBy.Count}."));
        var order = new List<SearchOrder>();
        foreach (var given in orderBy)
        {
            ArgumentNullException.ThrowIfNull(given, nameof(orderBy));
            var key = given with { Field = subject.Resolve(given.Field) };
            if (!subject.IsOrderable(key.Field)) throw WrongOrder($"Searches of {subject.Name} are not ordered by {key.Field}; attributes are {subject.DescribeAttributes(orderable: true)}.");
            if (order.Exists(earlier => earlier.Field == key.Field)) throw WrongOrder($"The order has {key.Field} twice; leave one of them away.");
            CheckKey(key.Field);
            order.Add(key);
        }

        if (order.Count == 0) order.AddRange(subject.DefaultOrder);
        foreach (var key in subject.TieBreak.Where(key => !order.Exists(earlier => earlier.Field == key.Field)))
        {
            // Identifiers grow with the time, so that of one millisecond they tell what came first.
            var time = subject.TieFollows is { } field && key == subject.TieBreak[^1] ? order.Find(earlier => earlier.Field == field) : null;
            order.Add(time is null ? key : key with { IsDescending = time.IsDescending });
        }

        return order;
    }

    /// <exception cref="ArgumentException">The key is empty, holds what no store keeps, or cannot be written.</exception>
    public static string CheckKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        CheckText(key, nameof(key));
        if (key.Contains('`', StringComparison.Ordinal) && key.Contains('"', StringComparison.Ordinal))
            throw new ArgumentException("A key cannot hold backticks and double quotes both, because the grammar has no way to write it.", nameof(key));
        return key;
    }

    /// <exception cref="ArgumentException">The text holds what no store keeps.</exception>
    public static void CheckText(string text, string parameter)
    {
        if (SearchTexts.IndexOfForbidden(text) is >= 0 and var position)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The text holds U+0000 or half a surrogate pair at index {position}, which no store keeps; remove it."), parameter);
    }

    private static void CheckKey(SearchField field)
    {
        if (field.Entity is not (SearchEntity.Attribute or SearchEntity.Dataset)) CheckKey(field.Key);
    }

    private static void CheckValue(SearchCondition condition, SearchFieldKind kind)
    {
        ArgumentNullException.ThrowIfNull(condition.Value, nameof(condition));
        var isList = condition.Operator is SearchOperator.In or SearchOperator.NotIn;
        var fits = kind == SearchFieldKind.Number ? condition.Value.Number is not null : isList ? condition.Value.List is not null : condition.Value.Text is not null;
        if (!fits) throw Wrong($"{condition.Field} is compared with a {(kind == SearchFieldKind.Number ? "number" : isList ? "list of texts" : "text")}; the value is something else.");
        if (condition.Operator is SearchOperator.Like or SearchOperator.ILike && condition.Value.Text!.Length > SearchPlan.MaxPatternLength)
            throw Wrong(string.Create(CultureInfo.InvariantCulture, $"The pattern of {condition.Operator} has at most {SearchPlan.MaxPatternLength} characters, this one {condition.Value.Text.Length}."));
        if (condition.Value.List is { Count: > SearchPlan.MaxListLength })
            throw Wrong(string.Create(CultureInfo.InvariantCulture, $"A list has at most {SearchPlan.MaxListLength} texts, this one {condition.Value.List.Count}; search several times."));
    }

    private static ArgumentException Wrong(string message, string parameter = "filter") => new(message, parameter);

    private static ArgumentException WrongOrder(string message) => Wrong(message, "orderBy");
}
