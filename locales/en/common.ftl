# Words that every part uses.
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
date-of-year = { $date } { $year }
length-instant = less than a second
length-seconds = { $n ->
    [one] { $n } second
   *[other] { $n } seconds
}
length-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
length-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
length-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
