# Причины, как их читают сотрудники: «ваши» с листа клиента (cause-…) означало бы здесь читателя.
web-cause-provider = сбой нашей платформы
web-cause-ha_master_unreachable = недоступны мастер-ноды отказоустойчивой группы управления
web-cause-basic_control_plane = недоступна базовая группа управления
web-cause-worker_nodes = воркер-ноды или поды
web-cause-customer_routing = правила маршрутизации клиента
web-cause-third_party_install = программы, установленные в кластер
web-cause-cluster_change = обновление или изменение кластера
web-cause-force_majeure = форс-мажор
web-cause-customer_act = действия клиента
web-cause-planned_works = плановые работы, объявленные заранее

# Интервалы месяца услуги и кто что о них сказал.
web-intervals = Интервалы за месяц
web-intervals-none = За этот месяц интервалов нет.
web-interval-said-by = предложение: { $name }
web-interval-confirmed-by = подтверждение: { $name }
web-interval-disputed-by = возражение: { $name }
web-interval-withdrawn-by = отзыв подтверждён: { $name }
web-credit-intervals = { $n ->
    [0] Интервалы
    [one] { $n } интервал
    [few] { $n } интервала
   *[other] { $n } интервалов
}
web-credit-budget-of = осталось { $left } из { $all }
web-credit-budget-over = допускалось { $all }, превышено на { $left }

# Вопрос перед закрытием месяца.
web-close-services = Услуги
web-close-down = Простой, всего
web-close-owed = Услуги с компенсацией
web-close-credit = Компенсации, всего
web-close-final = Отменить это нельзя. Цифры фиксируются для счетов; если потом найдётся ошибка, рядом появится исправление.
web-close-changed = С тех пор, как вы смотрели, цифры изменились. Проверьте их ещё раз.
web-close-yes = Закрыть окончательно
web-close-no = Пока нет

web-choose = – выберите –
